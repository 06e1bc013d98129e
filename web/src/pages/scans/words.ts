/** A scan in words. */
import type { Schemas } from "~/api/client";
import * as format from "~/parts/format";

export type Scan = Schemas["Scan"];

const STATES: Record<Scan["state"], [words: string, kind: string]> = {
  open: ["open for tiles", ""],
  queued: ["waits", ""],
  screening: ["screening", "is-warn"],
  done: ["done", "is-good"],
  failed: ["failed", "is-bad"],
  cancelled: ["cancelled", ""],
};

export const stateWords = (state: Scan["state"]) => STATES[state][0];
export const stateKind = (state: Scan["state"]) => STATES[state][1];

/** Whether something of it still waits for a worker. */
export function isRunning(scan: Scan): boolean {
  return scan.state === "queued" || scan.state === "screening" || scan.tiles.queued > 0;
}

/** Tiles that have their result, whatever it is. */
export const doneTiles = ({ tiles }: Scan) => tiles.screened + tiles.failed;

/** How many there will be: what was said, or what is there; null while an open scan may grow. */
export function allTiles(scan: Scan): number | null {
  const { expected, queued } = scan.tiles;
  const there = doneTiles(scan) + queued;
  if (expected !== null) return Math.max(expected, there);
  return scan.state === "open" || scan.state === "queued" ? null : there;
}

/** "41 of 100 tiles". */
export function tilesText(scan: Scan): string {
  const all = allTiles(scan);
  const done = doneTiles(scan);
  if (all === null) return format.count(done);
  return done === all ? format.count(all) : `${format.count(done)} of ${format.count(all)}`;
}

/** What is going on where nobody can tell the pace. */
export function busyWords(scan: Scan): string {
  if (scan.state === "queued") return "waits for a worker";
  return doneTiles(scan) === allTiles(scan)
    ? "compares images and positions\u2026"
    : "the pace is not known yet";
}

/** As what a folder was read. */
export function formatWords(format: string | null): string {
  return format ?? "tiles sent one by one";
}

/** How images lie against the stage. */
export function orientationWords(scan: Scan): string {
  if (scan.affine) return "by the microscope's own matrix";
  const turned = [
    scan.swap_xy && "x and y swapped",
    scan.flip_x && "x mirrored",
    scan.flip_y && "y mirrored",
  ].filter(Boolean);
  return turned.length ? turned.join(", ") : "as the stage (nothing mirrored or swapped)";
}
