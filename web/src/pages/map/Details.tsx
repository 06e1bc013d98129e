import { useEffect } from "preact/hooks";
import { api, got, type Schemas, urlOf } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { Facts } from "~/pages/map/Facts";
import type { Unit } from "~/pages/map/lengths";
import { Pictures } from "~/pages/map/Pictures";
import { TileLink } from "~/pages/map/TileLink";
import type { Label, Scan } from "~/pages/map/types";
import { judged } from "~/pages/map/use_verdict";
import { Verdict } from "~/pages/map/Verdict";
import { Button } from "~/parts/Button";
import { Shown } from "~/parts/notes";
import { hrefOf } from "~/router";
import { useStore } from "~/store";

type Flake = Schemas["Flake"];

interface Props {
  id: number;
  scan: Scan;
  unit: Unit;
  /** Its place among those shown, from 0; -1 where the filters hide it. */
  at: number;
  of: number;
  onStep: (by: 1 | -1) => void;
  onJudge: (label: Label | null) => Promise<void>;
  onCopy: () => void;
  onClose: () => void;
}

/** The chosen flake: pictures, figures, verdict. */
export function Details(props: Props) {
  const { id, scan, at, of, onStep, onClose } = props;
  const last = useStore(judged);
  const round = last?.id === id ? last.round : 0;
  const params = { path: { flake_id: id } };
  const flake = useLoaded(
    `flake ${id}`,
    // The client takes tuples for arrays of any length.
    async () => (await got(api.GET("/v1/flakes/{flake_id}", { params }))) as Flake,
  );
  const { reload } = flake;
  useEffect(() => {
    // A key of the map has judged it.
    if (round > 0) reload();
  }, [reload, round]);
  return (
    <section class="map-details" aria-label={`Flake ${id}`}>
      <div class="row spread">
        <h2>Flake {id}</h2>
        <span class="row map-steps">
          <Button kind="plain" label="Previous flake" title="Shift F" onClick={() => onStep(-1)}>
            ‹
          </Button>
          <span class="small quiet">{at < 0 ? "not in the list" : `${at + 1} of ${of}`}</span>
          <Button kind="plain" label="Next flake" title="F" onClick={() => onStep(1)}>
            ›
          </Button>
          <Button kind="plain" label="Close the flake" title="Esc" onClick={onClose}>
            ×
          </Button>
        </span>
      </div>
      <Shown loaded={flake}>
        {(value) => (
          <>
            <Pictures id={id} />
            <Verdict flake={value} onJudge={props.onJudge} />
            <Facts flake={value} unit={props.unit} onCopy={props.onCopy} />
            <div class="row small">
              <a href={hrefOf(["scans", scan.id, "review"], { view: "single", flake: id })}>
                Open in review
              </a>
              <a
                href={urlOf(`/v1/flakes/${id}/crop.png`, { size_px: 1024 })}
                download={`flake-${id}.png`}
              >
                Download crop
              </a>
              {value.tile_id !== null && <TileLink tileId={value.tile_id} />}
            </div>
          </>
        )}
      </Shown>
    </section>
  );
}
