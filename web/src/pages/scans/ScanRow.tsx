import { leftText, type Mark, paceOf, paceText, secondsLeft } from "~/pages/scans/pace";
import { Thumb } from "~/pages/scans/Thumb";
import {
  allTiles,
  busyWords,
  doneTiles,
  isRunning,
  type Scan,
  stateKind,
  stateWords,
  tilesText,
} from "~/pages/scans/words";
import * as format from "~/parts/format";
import { hrefOf } from "~/router";

interface Props {
  scan: Scan;
  marks: readonly Mark[];
  now: number;
}

/** A scan in the list. */
export function ScanRow({ scan, marks, now }: Props) {
  const { failed } = scan.tiles;
  return (
    <li class="scans-row card">
      <Thumb scan={scan} px={192} />
      <div class="scans-row-name">
        <h2>
          <a href={hrefOf(["scans", scan.id])}>{scan.name}</a>
        </h2>
        <span class="row small">
          <StateBadge scan={scan} />
          <span class="quiet" title={format.moment(scan.created_at)}>
            {format.ago(scan.created_at)}
          </span>
          {scan.warnings.length > 0 && (
            <span class="badge is-warn" title={scan.warnings.join("\n")}>
              {scan.warnings.length === 1 ? "1 warning" : `${scan.warnings.length} warnings`}
            </span>
          )}
        </span>
      </div>
      <div class="scans-row-tiles">
        <span>
          {tilesText(scan)} tiles
          {failed > 0 && <span class="scans-bad"> ({format.count(failed)} failed)</span>}
        </span>
        {isRunning(scan) && <ScanProgress scan={scan} marks={marks} now={now} />}
      </div>
      <div class="scans-row-flakes">
        <strong class="scans-big">{format.count(scan.flakes.graphene)}</strong>
        <span class="small quiet">graphene</span>
      </div>
      <ScanLinks scan={scan} />
    </li>
  );
}

export function StateBadge({ scan }: { scan: Scan }) {
  return <span class={`badge ${stateKind(scan.state)}`}>{stateWords(scan.state)}</span>;
}

/** How far a scan is, how fast it goes, and when it will be done. */
export function ScanProgress({ scan, marks, now }: Props) {
  const all = allTiles(scan);
  const done = doneTiles(scan);
  const pace = paceOf(marks, now);
  const left = secondsLeft(all === null ? null : all - done, pace);
  const words = [paceText(pace), leftText(left)].filter(Boolean).join(", ");
  return (
    <div class="scans-progress">
      {all === null ? (
        <progress aria-label={`${scan.name}: waits`} />
      ) : (
        <progress aria-label={`${scan.name}: tiles`} value={done} max={Math.max(all, 1)} />
      )}
      <span class="small quiet">{words || busyWords(scan)}</span>
    </div>
  );
}

function ScanLinks({ scan }: { scan: Scan }) {
  const link = (to: string, words: string) => (
    <a class="button" href={hrefOf(["scans", scan.id, to])} aria-label={`${words} of ${scan.name}`}>
      {words}
    </a>
  );
  const isLive = isRunning(scan) || scan.state === "open";
  return (
    <div class="row scans-row-links">
      {link("map", "Map")}
      {isLive ? link("live", "Live") : link("review", "Review")}
    </div>
  );
}
