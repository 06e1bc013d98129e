/** Tiles that something has to be said of: where they lie. */
import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { boxOf } from "~/pages/map/tile_box";
import type { Box, Scan, Tile } from "~/pages/map/types";

// As many as the service gives at once, and more than anybody reads.
const MOST = 1000;

async function tilesIn(scan_id: number, state: Tile["state"], limit: number): Promise<Tile[]> {
  const params = { path: { scan_id }, query: { state, limit } };
  return (await got(api.GET("/v1/scans/{scan_id}/tiles", { params }))).items as Tile[];
}

export interface FailedTiles {
  tiles: readonly Tile[];
  /** On the stage, of those whose place is known. */
  boxes: readonly Box[];
}

const NONE: FailedTiles = { tiles: [], boxes: [] };

async function readFailed(scan: Scan): Promise<FailedTiles> {
  if (scan.tiles.failed === 0) return NONE;
  const tiles = await tilesIn(scan.id, "failed", MOST);
  // What was no image has no size: it would have had that of the others.
  const [like] = await tilesIn(scan.id, "screened", 1);
  const boxes = tiles.map((tile) => boxOf(tile, scan, like)).filter((box) => box !== null);
  return { tiles, boxes };
}

export function useFailedTiles(scan: Scan): FailedTiles {
  const found = useLoaded(`failed tiles ${scan.id} ${scan.tiles.failed}`, () => readFailed(scan));
  return found.value ?? NONE;
}

// More marks would hide the chip; the worst come first.
const MOST_DRIFTED = 50;

/** Where the tiles lie that are under another light. */
export function useDriftedTiles(scan: Scan): readonly Box[] {
  const found = useLoaded(`drifted tiles ${scan.id} ${scan.state}`, async () => {
    const params = { path: { scan_id: scan.id } };
    const { drift } = await got(api.GET("/v1/scans/{scan_id}/optics", { params }));
    const ids = drift.slice(0, MOST_DRIFTED).map(({ tile_id }) => tile_id);
    const boxes = await Promise.all(ids.map((id) => boxOfTile(id, scan)));
    return boxes.filter((box) => box !== null);
  });
  return found.value ?? NO_BOXES;
}

const NO_BOXES: readonly Box[] = [];

/** Where a tile lies on the stage; null where nobody knows. */
export async function boxOfTile(tile_id: number, scan: Scan): Promise<Box | null> {
  const tile = await got(api.GET("/v1/tiles/{tile_id}", { params: { path: { tile_id } } }));
  return boxOf(tile as Tile, scan, undefined);
}
