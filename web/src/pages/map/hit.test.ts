import { describe, expect, it } from "vitest";
import { hit, isInside } from "~/pages/map/hit";
import type { MapFlakes, Point } from "~/pages/map/types";

const LARGE: Point[] = [
  [0, 0],
  [100, 0],
  [100, 100],
  [0, 100],
];
const SMALL: Point[] = [
  [60, 60],
  [80, 60],
  [80, 80],
  [60, 80],
];

const FLAKES: MapFlakes = {
  unit: "um",
  total: 3,
  is_complete: true,
  most_flakes: 100_000,
  most_outlines: 5000,
  id: [1, 2, 3],
  x: [50, 70, 300],
  y: [50, 70, 300],
  area_um2: [10_000, 400, 1],
  area_px: [40_000, 1600, 4],
  p_graphene: [0.1, 0.9, 0.9],
  is_graphene: [false, true, true],
  layers: [null, 1, 1],
  label: [null, null, null],
  polygon: null,
};

const SEEN = {
  flakes: FLAKES,
  rows: [0, 1, 2],
  outlines: new Map([
    [1, LARGE],
    [2, SMALL],
  ]),
};

describe("hit", () => {
  it("knows inside from outside, also of a hollow shape", () => {
    const hook: Point[] = [
      [0, 0],
      [10, 0],
      [10, 10],
      [8, 10],
      [8, 2],
      [0, 2],
    ];
    expect(isInside(hook, 9, 8)).toBe(true);
    expect(isInside(hook, 4, 6)).toBe(false);
  });

  it("takes the smaller of two flakes that lie in one another", () => {
    expect(hit(SEEN, [65, 65], 1)).toBe(1);
    expect(hit(SEEN, [20, 20], 1)).toBe(0);
  });

  it("finds a point from afar by nearness on the screen", () => {
    expect(hit(SEEN, [305, 300], 1)).toBe(2);
    expect(hit(SEEN, [305, 300], 0.1)).toBeUndefined();
  });

  it("does not find what the filters hide", () => {
    expect(hit({ ...SEEN, rows: [0] }, [65, 65], 1)).toBe(0);
  });
});
