import { useEffect, useMemo } from "preact/hooks";
import { api, got } from "~/api/client";
import { feedStore } from "~/api/events";
import { useLoaded } from "~/api/loaded";
import type { Board } from "~/pages/live/board";
import { focusWarning } from "~/pages/live/sharpness";
import { isRunning, type Scan } from "~/pages/scans/words";
import * as format from "~/parts/format";
import { Note } from "~/parts/notes";
import { hrefOf } from "~/router";
import { useStore } from "~/store";

/** The light changes slowly, and all tiles are compared. */
const LIGHT_MS = 15_000;

interface Props {
  scan: Scan;
  board: Board;
  version: number;
}

/** What somebody at the microscope has to know now. */
export function Warnings({ scan, board, version }: Props) {
  const feed = useStore(feedStore);
  const drift = useDrift(scan);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` tells that the board changed
  const focus = useMemo(() => focusWarning(board.squares.values()), [board, version]);
  // What the last run noticed says the same of the light, for the whole scan.
  const noticed = isRunning(scan) ? [] : scan.warnings;
  const warnings = [...new Set([focus, drift, ...noticed].filter((one) => one !== null))];
  return (
    <div class="stack" role="status">
      {feed === "lost" && (
        <Note kind="warn">
          The connection is lost; it is made anew by itself. What is missed meanwhile is read then.
        </Note>
      )}
      {scan.error && <Note kind="bad">The scan failed. {scan.error}</Note>}
      {warnings.map((warning) => (
        <Note key={warning} kind="warn">
          {warning}
        </Note>
      ))}
      {board.failures.length > 0 && <Failures scan={scan} board={board} />}
    </div>
  );
}

function useDrift(scan: Scan): string | null {
  const optics = useLoaded(`optics ${scan.id}`, () =>
    got(api.GET("/v1/scans/{scan_id}/optics", { params: { path: { scan_id: scan.id } } })),
  );
  const { reload } = optics;
  const runs = isRunning(scan) || scan.state === "open";
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(reload, LIGHT_MS);
    return () => clearInterval(timer);
  }, [runs, reload]);
  const drift = optics.value?.drift ?? [];
  const [worst] = drift;
  // The scan's own warnings tell it at its end.
  if (!worst || !runs) return null;
  const few = drift.length === 1 ? "tile is" : "tiles are";
  return `${format.count(drift.length)} ${few} under another light. The worst is ${worst.name}: ${worst.warning}`;
}

function Failures({ scan, board }: Pick<Props, "scan" | "board">) {
  const [last] = board.failures;
  if (!last) return null;
  return (
    <Note kind="bad">
      <strong>
        {format.count(scan.tiles.failed)} {scan.tiles.failed === 1 ? "tile" : "tiles"} failed.
      </strong>{" "}
      The last one, {last.name ?? `tile ${last.id}`}: {last.error ?? "the reason is not known."}{" "}
      <a href={hrefOf(["scans", scan.id], { tab: "tiles" })}>All reasons</a>
    </Note>
  );
}
