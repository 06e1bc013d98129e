/** The squares of a map's pyramid, as OpenLayers asks for them. */
import { getHeight, getIntersection, getWidth } from "ol/extent";
import type { Projection } from "ol/proj";
import XYZ from "ol/source/XYZ";
import TileGrid from "ol/tilegrid/TileGrid";
import { urlOf } from "~/api/client";
import { signOf, turnedBox } from "~/pages/map/axes";
import type { ChipMap } from "~/pages/map/types";

export class Squares {
  readonly source: XYZ;
  private readonly grid: TileGrid;

  constructor(chip: ChipMap, projection: Projection) {
    const sign = signOf(chip);
    const [x, y] = chip.origin ?? [0, 0];
    this.grid = new TileGrid({
      origin: [x, sign * y],
      resolutions: [...chip.resolutions],
      tileSize: chip.square_px,
      minZoom: chip.min_zoom,
    });
    this.source = new XYZ({ projection, tileGrid: this.grid, wrapX: false, transition: 0 });
    this.renew(chip);
  }

  /** Another revision: the squares shown stay until the new ones have come. */
  renew(chip: ChipMap): void {
    const { scan_id, revision, extent } = chip;
    const all = extent && turnedBox(extent, signOf(chip));
    this.source.setTileUrlFunction((square) => {
      // Beyond the chip, and where a square only touches it, there is nothing to ask for.
      const part = all && getIntersection(this.grid.getTileCoordExtent(square), all);
      if (!part || getWidth(part) <= 0 || getHeight(part) <= 0) return undefined;
      return urlOf(`/v1/scans/${scan_id}/map/${square.join("/")}`, { v: revision });
    }, revision);
  }
}
