/** Where a tile lies on the stage: `stage = tile_stage + A * (pixel - reference)`. */
import type { Box, Point, Scan, Tile } from "~/pages/map/types";

type Laid = Pick<
  Scan,
  "affine" | "flip_x" | "flip_y" | "swap_xy" | "position_reference" | "positions"
>;
type Place = Pick<
  Tile,
  "stage_x_um" | "stage_y_um" | "corrected_x_um" | "corrected_y_um" | "width_px" | "height_px"
> &
  Pick<Tile, "um_per_px">;

/** Columns of A: where a pixel to the right and a pixel downwards lead to, in um. */
export function directionsOf(scan: Laid, umPerPx: number): [right: Point, down: Point] {
  const { affine } = scan;
  if (affine && affine.length === 6) {
    const [a = 0, b = 0, , c = 0, d = 0] = affine;
    const scale = umPerPx / Math.sqrt(Math.abs(a * d - b * c));
    return [
      [a * scale, c * scale],
      [b * scale, d * scale],
    ];
  }
  const toX = scan.flip_x ? -umPerPx : umPerPx;
  const toY = scan.flip_y ? -umPerPx : umPerPx;
  return scan.swap_xy
    ? [
        [0, toY],
        [toX, 0],
      ]
    : [
        [toX, 0],
        [0, toY],
      ];
}

/**
 * The box around a tile, or null where its place is unknown. An image that could not be read has
 * no size: then `like`, a tile of the same scan that could, tells it.
 */
export function boxOf(tile: Place, scan: Laid, like: Place | undefined): Box | null {
  const place = placeOf(tile, scan);
  const umPerPx = tile.um_per_px ?? like?.um_per_px;
  const width = tile.width_px ?? like?.width_px;
  const height = tile.height_px ?? like?.height_px;
  if (!place || !umPerPx || !width || !height) return null;
  const [right, down] = directionsOf(scan, umPerPx);
  const reference = scan.position_reference === "top_left" ? 0 : 0.5;
  const corners = [0, 1].flatMap((u) =>
    [0, 1].map((v): Point => {
      const [du, dv] = [(u - reference) * width, (v - reference) * height];
      return [place[0] + du * right[0] + dv * down[0], place[1] + du * right[1] + dv * down[1]];
    }),
  );
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function placeOf(tile: Place, scan: Laid): Point | null {
  if (
    scan.positions === "corrected" &&
    tile.corrected_x_um != null &&
    tile.corrected_y_um != null
  ) {
    return [tile.corrected_x_um, tile.corrected_y_um];
  }
  return tile.stage_x_um == null || tile.stage_y_um == null
    ? null
    : [tile.stage_x_um, tile.stage_y_um];
}
