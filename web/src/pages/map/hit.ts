/** Which flake lies under the pointer. A look at 50,000 centres takes a fraction of a ms. */
import type { MapFlakes, Point } from "~/pages/map/types";

// As far as a hand at a trackpad misses.
const REACH_PX = 9;

interface Seen {
  flakes: MapFlakes;
  rows: readonly number[];
  outlines: ReadonlyMap<number, readonly Point[]>;
}

/** The row of the flake at a point of the stage; the smallest whose outline holds it comes first. */
export function hit(seen: Seen, [x, y]: Point, resolution: number): number | undefined {
  let best: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const at of seen.rows) {
    const merit = meritOf(seen, at, [x, y], resolution);
    if (merit < least) {
      least = merit;
      best = at;
    }
  }
  return best;
}

/** Infinite where the point is not at the flake. Inside: its area, negative the smaller it is. */
function meritOf(seen: Seen, at: number, [x, y]: Point, resolution: number): number {
  const dx = (seen.flakes.x[at] ?? Number.NaN) - x;
  const dy = (seen.flakes.y[at] ?? Number.NaN) - y;
  const isFar = Math.abs(dx) > REACH_PX * resolution || Math.abs(dy) > REACH_PX * resolution;
  // Nearly all, and from afar there are no outlines.
  if (isFar && seen.outlines.size === 0) return Number.POSITIVE_INFINITY;
  const distancePx = Math.hypot(dx, dy) / resolution;
  const outline = seen.outlines.get(seen.flakes.id[at] ?? -1);
  if (outline && isInside(outline, x, y)) return -1 / (1 + (seen.flakes.area_um2[at] ?? 0));
  return distancePx <= REACH_PX ? distancePx : Number.POSITIVE_INFINITY;
}

/** Even-odd rule. */
export function isInside(outline: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  let [x0, y0] = outline.at(-1) ?? [0, 0];
  for (const [x1, y1] of outline) {
    if (y1 > y !== y0 > y && x < x1 + ((x0 - x1) * (y - y1)) / (y0 - y1)) inside = !inside;
    [x0, y0] = [x1, y1];
  }
  return inside;
}
