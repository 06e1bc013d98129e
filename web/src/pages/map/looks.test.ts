import { describe, expect, it } from "vitest";
import { lookOf, looksOf } from "~/pages/map/looks";
import type { ColourBy } from "~/pages/map/place";
import type { MapFlakes } from "~/pages/map/types";

const FLAKES: MapFlakes = {
  unit: "um",
  total: 6,
  is_complete: true,
  most_flakes: 100_000,
  most_outlines: 5000,
  id: [1, 2, 3, 4, 5, 6],
  x: [0, 0, 0, 0, 0, 0],
  y: [0, 0, 0, 0, 0, 0],
  area_um2: [1, 1, 1, 1, 1, 1],
  area_px: [4, 4, 4, 4, 4, 4],
  p_graphene: [0.99, 0.01, 1, 0, 0.5, 0.2],
  is_graphene: [true, false, true, false, true, false],
  layers: [1, null, 2, 9, 4, 5],
  label: [null, null, "not_graphene", "graphene", "unsure", null],
  polygon: null,
};

function namesOf(colourBy: ColourBy): string[] {
  return FLAKES.id.map((_, at) => looksOf(colourBy)[lookOf(FLAKES, at, colourBy)]?.name ?? "none");
}

describe("looks", () => {
  it("names what a flake is taken for, and by whom", () => {
    expect(namesOf("class")).toEqual([
      "graphene",
      "other",
      "other, reviewed",
      "graphene, reviewed",
      "unsure, reviewed",
      "other",
    ]);
  });

  it("does not count layers beyond four", () => {
    expect(namesOf("layers")).toEqual([
      "1 layer",
      "layers unknown",
      "2 layers",
      "5 or more layers",
      "4 layers",
      "5 or more layers",
    ]);
  });

  it("puts every probability into one of five steps", () => {
    expect(namesOf("p")).toEqual([
      "p 0.8 to 1.0",
      "p 0.0 to 0.2",
      "p 0.8 to 1.0",
      "p 0.0 to 0.2",
      "p 0.4 to 0.6",
      "p 0.2 to 0.4",
    ]);
  });

  it("can be read without colour where two kinds of flakes must not be mixed up", () => {
    for (const colourBy of ["class", "layers"] as const) {
      const ways = looksOf(colourBy).map(({ widthPx, dash }) => `${widthPx} ${dash}`);
      expect(new Set(ways).size).toBeGreaterThanOrEqual(looksOf(colourBy).length - 1);
    }
  });
});
