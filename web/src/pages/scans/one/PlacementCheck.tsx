import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { Orientation } from "~/pages/scans/one/Orientation";
import { orientationOf, shareWords, turnWords } from "~/pages/scans/one/placement_words";
import { isRunning, type Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import { Note } from "~/parts/notes";
import { toast } from "~/parts/toast";

interface Props {
  scan: Scan;
  onChanged: (scan: Scan) => void;
}

type Placement = Schemas["Placement"];

/** Whether images and positions agree, and what can be done where they do not. */
export function PlacementCheck({ scan, onChanged }: Props) {
  const [placement, setPlacement] = useState<Placement | null>(null);
  const params = { path: { scan_id: scan.id } };
  const check = async () =>
    setPlacement(await got(api.GET("/v1/scans/{scan_id}/placement", { params })));
  const place = async (by: Partial<Schemas["PlaceBy"]>) => {
    // What is left out stays: the type names defaults that must not be sent.
    const body = by as Schemas["PlaceBy"];
    onChanged(await got(api.PUT("/v1/scans/{scan_id}/placement", { params, body })));
    setPlacement(null);
    toast("The map is drawn anew; nothing is screened again.");
  };
  const reason = isRunning(scan) ? "It is being screened: wait for it." : null;
  const isCorrected = scan.positions === "corrected";
  return (
    <section class="card stack">
      <h2>Do images and positions agree?</h2>
      <p class="quiet">
        Up to 40 pairs of neighbouring tiles are compared. This takes some seconds and changes
        nothing.
      </p>
      <Button onClick={check}>Compare them now</Button>
      <div class="stack" aria-live="polite">
        {placement && <Verdict placement={placement} />}
        {placement?.better && (
          <Button
            kind="main"
            reason={reason}
            onClick={() => place({ positions: "stated", ...orientationOf(placement) })}
          >
            Turn the tiles so
          </Button>
        )}
      </div>
      <Orientation
        key={JSON.stringify([scan.flip_x, scan.flip_y, scan.swap_xy])}
        scan={scan}
        place={place}
      />
      <h3>Small errors of the stage</h3>
      <p class="quiet">
        {isCorrected
          ? "Each tile lies where the images say. The stated positions are kept."
          : "Each tile can be moved to where its neighbours’ images say, by up to 5 % of its size. Flakes move with it; the stated positions are kept."}
      </p>
      {isCorrected ? (
        <Button reason={reason} onClick={() => place({ positions: "stated" })}>
          Back to the stated positions
        </Button>
      ) : (
        <Button reason={reason} onClick={() => place({ positions: "corrected" })}>
          Correct by the images
        </Button>
      )}
    </section>
  );
}

const KINDS = { agree: "good", contradict: "bad", unknown: undefined } as const;
const VERDICTS = {
  agree: "They agree.",
  contradict: "They contradict each other: coordinates of flakes are wrong.",
  unknown: "Nobody can tell: too few neighbours show enough of the same.",
};

function Verdict({ placement }: { placement: Placement }) {
  return (
    <Note kind={KINDS[placement.verdict]}>
      <strong>{VERDICTS[placement.verdict]}</strong>
      <p>{shareWords(placement)}</p>
      {placement.better && <p>{turnWords(placement.better)}</p>}
    </Note>
  );
}
