import { describe, expect, it } from "vitest";
import { hrefOf, parsePlace } from "~/router";

describe("router", () => {
  it("reads back what it wrote", () => {
    const place = parsePlace(hrefOf(["models", "a/b c?"], { x: 1.5, name: "chip 12 & more" }));
    expect(place.path).toEqual(["models", "a/b c?"]);
    expect(place.query.get("x")).toBe("1.5");
    expect(place.query.get("name")).toBe("chip 12 & more");
  });

  it("leaves out what is not given", () => {
    expect(hrefOf(["scans"], { layers: null, name: "" })).toBe("#/scans");
    expect(hrefOf(["scans"], { graphene: false })).toBe("#/scans?graphene=false");
  });

  it("takes an address that somebody typed wrong", () => {
    expect(parsePlace("#/scans/%E0%A4%A").path).toEqual(["scans", "%E0%A4%A"]);
    expect(parsePlace("").path).toEqual([]);
  });
});
