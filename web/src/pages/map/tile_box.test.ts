import { describe, expect, it } from "vitest";
import { boxOf } from "~/pages/map/tile_box";

const SCAN = {
  affine: null,
  flip_x: false,
  flip_y: false,
  swap_xy: false,
  position_reference: "centre",
  positions: "stated" as const,
};
const TILE = {
  stage_x_um: 1000,
  stage_y_um: -500,
  corrected_x_um: 1001,
  corrected_y_um: -501,
  width_px: 200,
  height_px: 100,
  um_per_px: 0.5,
};

describe("the box of a tile", () => {
  it("lies around its stage position", () => {
    expect(boxOf(TILE, SCAN, undefined)).toEqual([950, -525, 1050, -475]);
  });

  it("hangs on its corner where positions are the corner's", () => {
    const box = boxOf(TILE, { ...SCAN, position_reference: "top_left", flip_y: true }, undefined);
    expect(box).toEqual([1000, -550, 1100, -500]);
  });

  it("stands upright where camera and stage are swapped", () => {
    expect(boxOf(TILE, { ...SCAN, swap_xy: true }, undefined)).toEqual([975, -550, 1025, -450]);
  });

  it("follows an affine in its directions, and the tile in its scale", () => {
    const turnedLeft = { ...SCAN, affine: [0, -1, 0, 1, 0, 0] };
    expect(boxOf(TILE, turnedLeft, undefined)).toEqual([975, -550, 1025, -450]);
  });

  it("uses corrected places where the scan lies by them", () => {
    expect(boxOf(TILE, { ...SCAN, positions: "corrected" }, undefined)?.[0]).toBe(951);
  });

  it("takes the size of another tile where the image could not be read", () => {
    const broken = { ...TILE, width_px: null, height_px: null, um_per_px: null };
    expect(boxOf(broken, SCAN, TILE)).toEqual([950, -525, 1050, -475]);
    expect(boxOf(broken, SCAN, undefined)).toBeNull();
    expect(boxOf({ ...TILE, stage_x_um: null }, SCAN, TILE)).toBeNull();
  });
});
