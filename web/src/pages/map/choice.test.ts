import { describe, expect, it } from "vitest";
import {
  choose,
  countsAsGraphene,
  exportQuery,
  inBox,
  neighbour,
  serverQuery,
  sorted,
} from "~/pages/map/choice";
import { EVERYTHING, type Filter } from "~/pages/map/place";
import type { MapFlakes } from "~/pages/map/types";

const FLAKES: MapFlakes = {
  unit: "um",
  total: 4,
  is_complete: true,
  most_flakes: 100_000,
  most_outlines: 5000,
  id: [1, 2, 3, 4],
  x: [0, 10, 20, 30],
  y: [0, -10, -20, -30],
  area_um2: [50, 200, null, 50],
  area_px: [100, 400, 90, 100],
  p_graphene: [0.9, 0.8, 0.2, 0.95],
  is_graphene: [true, true, false, true],
  layers: [1, 2, null, 1],
  label: [null, "not_graphene", "graphene", "unsure"],
  polygon: null,
};

function idsOf(filter: Partial<Filter>): number[] {
  return choose(FLAKES, { ...EVERYTHING, ...filter }).map((at) => FLAKES.id[at] ?? 0);
}

describe("choice", () => {
  it("puts a person's verdict before the model's, unless the person was unsure", () => {
    expect([0, 1, 2, 3].map((at) => countsAsGraphene(FLAKES, at))).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(idsOf({ shown: "graphene" })).toEqual([1, 3, 4]);
    expect(idsOf({ shown: "other" })).toEqual([2]);
  });

  it("takes the limits of a range in", () => {
    expect(idsOf({ minArea: 50, maxArea: 50 })).toEqual([1, 4]);
    expect(idsOf({ minP: 0.9 })).toEqual([1, 4]);
  });

  it("leaves out an unknown area where an area is asked for, even from 0", () => {
    expect(idsOf({ minArea: 0 })).toEqual([1, 2, 4]);
    expect(idsOf({ maxArea: 1e9 })).toEqual([1, 2, 4]);
  });

  it("sifts by layers and by whether somebody has looked", () => {
    expect(idsOf({ layers: [2, 3] })).toEqual([2]);
    expect(idsOf({ reviewed: "no" })).toEqual([1]);
    expect(idsOf({ reviewed: "yes" })).toEqual([2, 3, 4]);
  });

  it("sorts by area with unknown areas last and equals by id", () => {
    expect(sorted(FLAKES, [3, 2, 1, 0], "-area_um2")).toEqual([1, 0, 3, 2]);
    expect(sorted(FLAKES, [0, 1, 2, 3], "p_graphene")).toEqual([2, 1, 0, 3]);
  });

  it("finds what lies in a box of the stage", () => {
    expect(inBox(FLAKES, [0, 1, 2, 3], [5, -25, 25, -5])).toEqual([1, 2]);
  });

  it("goes round at both ends of the list", () => {
    expect(neighbour([5, 6, 7], 7, 1)).toBe(5);
    expect(neighbour([5, 6, 7], 5, -1)).toBe(7);
    expect(neighbour([5, 6, 7], null, 1)).toBe(5);
    expect(neighbour([5, 6, 7], 99, -1)).toBe(7);
    expect(neighbour([], 5, 1)).toBeUndefined();
  });

  it("asks an export for what the map shows", () => {
    expect(exportQuery({ ...EVERYTHING, shown: "graphene", minP: 0.5 }, "id")).toEqual({
      min_p: "0.5",
      sort: "id",
    });
    const all = exportQuery({ ...EVERYTHING, layers: [1, 2], reviewed: "no" }, "-area_um2");
    expect(all).toMatchObject({ everything: "true", layers: "1,2", reviewed: "false" });
    expect(exportQuery({ ...EVERYTHING, shown: "other" }, "id")).toEqual({
      graphene: "false",
      sort: "id",
    });
  });

  it("asks the service only for what was chosen", () => {
    expect(serverQuery(EVERYTHING)).toEqual({});
    expect(serverQuery({ ...EVERYTHING, minArea: 5, reviewed: "yes" })).toEqual({
      min_area_um2: 5,
      reviewed: true,
    });
  });
});
