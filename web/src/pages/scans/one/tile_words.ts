/** Tiles in words, and those that failed. */
import { api, got, type Schemas } from "~/api/client";
import * as format from "~/parts/format";

type Tile = Schemas["Tile"];

/** Row and column, then the stage position, as far as they are known. */
export function placeWords(tile: Tile): string {
  const grid = tile.row === null ? null : `row ${tile.row}, column ${tile.col ?? format.UNKNOWN}`;
  const { stage_x_um: x, stage_y_um: y } = tile;
  const stage = x === null || y === null ? null : format.stage([x, y]);
  return [grid, stage].filter(Boolean).join("; ") || format.UNKNOWN;
}

/** How much bare substrate a tile shows, and how sharp it is. */
export function lightWords({ light }: Tile): string {
  if (!light) return "";
  // 0: no edge was there to measure by.
  const focus = light.focus > 0 ? light.focus.toFixed(2) : format.UNKNOWN;
  return `${format.percent(light.bare_fraction, 0)} bare, sharpness ${focus}`;
}

// More nobody reads.
const MOST_FAILED = 200;

/** Tiles that failed: all, or the first of them. */
export async function firstFailed(scan_id: number): Promise<Tile[]> {
  const params = {
    path: { scan_id },
    query: { state: "failed" as const, limit: MOST_FAILED },
  };
  return (await got(api.GET("/v1/scans/{scan_id}/tiles", { params }))).items as Tile[];
}
