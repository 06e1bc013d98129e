import { describe, expect, it } from "vitest";
import { type MapPlace, number, readPlace, writePlace } from "~/pages/map/place";
import { hrefOf, parsePlace } from "~/router";

function again(place: MapPlace): MapPlace {
  return readPlace(parsePlace(hrefOf(["scans", 1, "map"], writePlace(place))).query);
}

describe("the map's address", () => {
  it("restores filters, colours, the chosen flake and the view", () => {
    const place: MapPlace = {
      filter: {
        shown: "all",
        minP: 0.8,
        minArea: 0,
        maxArea: 250.5,
        layers: [1, 3],
        reviewed: "no",
      },
      colourBy: "p",
      sort: "p_graphene",
      hidden: ["tiles", "outlines"],
      isTurned: true,
      tile: 5,
      flake: 17,
      sight: { x: -120.25, y: 3400, resolution: 0.3844 },
    };
    expect(again(place)).toEqual(place);
  });

  it("is short where everything is as usual", () => {
    const usual = readPlace(new URLSearchParams());
    expect(hrefOf(["scans", 1, "map"], writePlace(usual))).toBe("#/scans/1/map");
  });

  it("remembers that nothing is hidden", () => {
    const place = { ...readPlace(new URLSearchParams()), hidden: [] };
    expect(again(place).hidden).toEqual([]);
  });

  it("leaves what was typed wrong at its default", () => {
    const place = readPlace(new URLSearchParams("show=x&p=7&area_from=-3&layers=1,b&x=3&flake=a"));
    expect(place.filter).toMatchObject({ shown: "graphene", minP: null, minArea: null });
    expect(place.filter.layers).toEqual([1]);
    expect(place.sight).toBeNull();
    expect(place.flake).toBeNull();
  });

  it("reads a decimal comma", () => {
    expect(number("0,8", 0, 1)).toBe(0.8);
    expect(number("", 0)).toBeNull();
  });
});
