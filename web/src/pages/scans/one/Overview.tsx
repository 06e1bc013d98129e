import type { ComponentChildren } from "preact";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { ScanWarningText, useScanWarnings } from "~/pages/scans/ScanWarnings";
import { formatWords, orientationWords, type Scan, tilesText } from "~/pages/scans/words";
import * as format from "~/parts/format";
import { Note, Shown } from "~/parts/notes";
import { hrefOf } from "~/router";

interface Props {
  scan: Scan;
  onChanged: (scan: Scan) => void;
}

/** What is known of a scan, and what should be looked after. */
export function Overview({ scan, onChanged }: Props) {
  const warnings = useScanWarnings(scan);
  return (
    <div class="stack">
      {scan.error && (
        <Note kind="bad">
          <strong>The scan failed.</strong> {scan.error}
        </Note>
      )}
      {warnings.map((warning) => (
        <Note key={warning.text} kind="warn">
          <div class="row">
            <ScanWarningText scan={scan} warning={warning} onChanged={onChanged} />
          </div>
        </Note>
      ))}
      {scan.tiles.failed > 0 && (
        <Note kind="bad">
          {format.count(scan.tiles.failed)} tiles failed; the rest goes on without them.{" "}
          <a href={hrefOf(["scans", scan.id], { tab: "tiles", failed: 1 })}>See why</a>
        </Note>
      )}
      <div class="scans-cards">
        <Found scan={scan} />
        <Read scan={scan} />
        <Light scan={scan} />
      </div>
    </div>
  );
}

function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card stack">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Found({ scan }: { scan: Scan }) {
  const { tiles, flakes } = scan;
  return (
    <Card title="Found">
      <dl class="facts">
        <dt>Graphene flakes</dt>
        <dd>
          <strong>{format.count(flakes.graphene)}</strong>
        </dd>
        <dt>Other flakes</dt>
        <dd>{format.count(flakes.other)}</dd>
        <dt>Tiles screened</dt>
        <dd>{tilesText(scan)}</dd>
        <dt>Tiles failed</dt>
        <dd>{format.count(tiles.failed)}</dd>
        <dt>Tiles waiting</dt>
        <dd>{format.count(tiles.queued)}</dd>
      </dl>
    </Card>
  );
}

function Read({ scan }: { scan: Scan }) {
  return (
    <Card title="As it was read">
      <dl class="facts">
        <dt>Read as</dt>
        <dd>{formatWords(scan.format)}</dd>
        <dt>Scale</dt>
        <dd>{scan.um_per_px === null ? format.UNKNOWN : `${scan.um_per_px} µm per px`}</dd>
        <dt>Orientation</dt>
        <dd>{orientationWords(scan)}</dd>
        <dt>Positions</dt>
        <dd>
          {scan.positions === "corrected" ? "corrected by the images" : "as the stage said"}, of a
          tile’s {scan.position_reference === "centre" ? "centre" : "top left corner"}
        </dd>
        <dt>Material</dt>
        <dd>{scan.material ?? format.UNKNOWN}</dd>
      </dl>
      {scan.notes.length > 0 && (
        <details>
          <summary>
            {scan.notes.length === 1 ? "1 remark" : `${scan.notes.length} remarks`} on the files
          </summary>
          <ul class="scans-goes small">
            {scan.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}

function Light({ scan }: { scan: Scan }) {
  const optics = useLoaded(`optics ${scan.id} ${scan.state}`, () =>
    got(api.GET("/v1/scans/{scan_id}/optics", { params: { path: { scan_id: scan.id } } })),
  );
  return (
    <Card title="Light and substrate">
      <Shown loaded={optics}>
        {(value) => (
          <dl class="facts">
            <dt>Oxide, as said</dt>
            <dd>{scan.oxide_nm === null ? format.UNKNOWN : `${scan.oxide_nm} nm`}</dd>
            <dt>Oxide, by the flakes</dt>
            <dd>{oxideWords(value.oxide)}</dd>
            <dt>Light over the field</dt>
            <dd>{FIELDS[scan.flat_field]}</dd>
            <dt>Light over the scan</dt>
            <dd>{driftWords(value)}</dd>
          </dl>
        )}
      </Shown>
    </Card>
  );
}

const FIELDS = {
  none: "no flat field",
  auto: "learnt from its own tiles",
  given: "by a picture of empty substrate",
};

function oxideWords(oxide: Schemas["OxideEstimate"] | null): string {
  if (!oxide) return "unknown: no flake tells it";
  const figure = `${oxide.oxide_nm.toFixed(0)} ± ${oxide.sigma_nm.toFixed(0)} nm`;
  return oxide.confident ? figure : `${figure}, not sure`;
}

function driftWords({ drift, tiles_compared }: Schemas["ScanOptics"]): string {
  const compared = `${format.count(tiles_compared)} tiles compared`;
  if (!drift.length) return tiles_compared > 1 ? `the same (${compared})` : format.UNKNOWN;
  const few = drift.length === 1 ? "tile" : "tiles";
  return `${format.count(drift.length)} ${few} under another light (${compared}), above`;
}
