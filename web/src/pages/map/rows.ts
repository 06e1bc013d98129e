/** Flakes by their row in the columns. */
import type { ChipMap, MapFlakes, Point } from "~/pages/map/types";

export function rowOf(flakes: MapFlakes, id: number | null): number | undefined {
  const at = id === null ? -1 : flakes.id.indexOf(id);
  return at < 0 ? undefined : at;
}

/** Its centre in the map's unit. */
export function stageOf(flakes: MapFlakes, at: number): Point {
  return [flakes.x[at] ?? Number.NaN, flakes.y[at] ?? Number.NaN];
}

// How long a flake shall be on the screen when one goes to it.
const SIDE_PX = 160;

/** Units per pixel at which a flake is well seen with what is around it. */
export function nearness(flakes: MapFlakes, at: number, chip: ChipMap): number {
  const finest = chip.resolutions.at(-1) ?? 1;
  const area = flakes.area_um2[at];
  // Where the scale is unknown the area is, too: then one to one.
  if (area == null || chip.unit === "px") return finest;
  return Math.max(Math.sqrt(area) / SIDE_PX, finest / 4);
}
