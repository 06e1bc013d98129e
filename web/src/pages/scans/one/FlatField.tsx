import { useRef } from "preact/hooks";
import { api, got, type Schemas, urlOf } from "~/api/client";
import { problemOf } from "~/api/problem";
import type { Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import { showProblem, toast } from "~/parts/toast";

interface Props {
  scan: Scan;
  onChanged: (scan: Scan) => void;
}

const WORDS = {
  none: "None: the vignette of the lens stays in the tiles.",
  auto: "Learnt from up to 60 of the scan’s own tiles.",
  given: "By the picture of empty substrate that somebody gave.",
};
const LATER = "It counts for tiles that come, and for all after screening again.";

/** The light over the field of view: given, learnt, or none. */
export function FlatField({ scan, onChanged }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const path = { scan_id: scan.id };
  const give = async (file: File) => {
    const body = new FormData();
    body.set("image", file);
    const answer = await fetch(fieldOf(scan), { method: "PUT", body });
    const said: unknown = await answer.json();
    if (!answer.ok) throw problemOf(said, answer.status);
    onChanged(said as Scan);
    toast(`The flat field is set. ${LATER}`);
  };
  const learn = async () => {
    const body = { flat_field: "auto" } as Schemas["ScanChanges"];
    onChanged(await got(api.PATCH("/v1/scans/{scan_id}", { params: { path }, body })));
    toast("It is learnt when the scan is screened again.");
  };
  const drop = async () => {
    await got(api.DELETE("/v1/scans/{scan_id}/flat-field", { params: { path } }));
    onChanged(await got(api.GET("/v1/scans/{scan_id}", { params: { path } })));
    toast(`Without a flat field from now on. ${LATER}`);
  };
  return (
    <section class="card stack">
      <h2>Flat field</h2>
      <p>{WORDS[scan.flat_field]}</p>
      <p class="small quiet">
        It takes the vignette and shadows of dust off each tile. A picture must be as large as the
        tiles, under the same light, of bare substrate.
      </p>
      <div class="row">
        <Button onClick={() => input.current?.click()}>Give a picture…</Button>
        {scan.flat_field !== "auto" && <Button onClick={learn}>Learn it from the tiles</Button>}
        {scan.flat_field !== "none" && <Button onClick={drop}>Use none</Button>}
        {scan.flat_field === "given" && (
          <a href={fieldOf(scan)} download={`flat field of scan ${scan.id}`}>
            Download it
          </a>
        )}
      </div>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/*,.tif,.tiff"
        aria-label="Picture of empty substrate"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) give(file).catch(showProblem);
          event.currentTarget.value = "";
        }}
      />
    </section>
  );
}

const fieldOf = (scan: Scan) => urlOf(`/v1/scans/${scan.id}/flat-field`);
