import { describe, expect, it } from "vitest";
import { readSearch } from "~/pages/map/search";

describe("search", () => {
  it("takes a number for a flake", () => {
    for (const text of ["17", " #17 ", "flake 17"]) {
      expect(readSearch(text)).toEqual({ kind: "flake", id: 17 });
    }
  });

  it("takes two numbers for a place, also as they were copied", () => {
    for (const text of ["1250.5, -340", "1250.5 -340", "x 1250.5  y -340 µm", "x=1250.5; y=-340"]) {
      expect(readSearch(text)).toEqual({ kind: "place", point: [1250.5, -340] });
    }
  });

  it("says nothing about what is neither", () => {
    for (const text of ["", "graphene", "1,2,3", "1.5"]) expect(readSearch(text)).toBeNull();
  });
});
