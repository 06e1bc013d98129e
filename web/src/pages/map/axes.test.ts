import { describe, expect, it } from "vitest";
import { holdsBox, signOf, turned, turnedBox, widened } from "~/pages/map/axes";

describe("axes", () => {
  it("turns y over where the stage counts it downwards, and back again", () => {
    const sign = signOf({ y_axis: "down" });
    expect(turned([3, 4], sign)).toEqual([3, -4]);
    expect(turned(turned([3, 4], sign), sign)).toEqual([3, 4]);
    expect(turned([3, 4], signOf({ y_axis: "up" }))).toEqual([3, 4]);
  });

  it("keeps the smaller corner of a turned box first", () => {
    expect(turnedBox([0, -10, 5, 20], -1)).toEqual([0, -20, 5, 10]);
    expect(turnedBox(turnedBox([0, -10, 5, 20], -1), -1)).toEqual([0, -10, 5, 20]);
  });

  it("never writes a minus before zero", () => {
    expect(Object.is(turned([0, 0], -1)[1], 0)).toBe(true);
  });

  it("widens a box on each side", () => {
    expect(widened([0, 0, 10, 20], 0.5)).toEqual([-5, -10, 15, 30]);
    expect(holdsBox([-5, -10, 15, 30], [0, 0, 10, 20])).toBe(true);
    expect(holdsBox([0, 0, 10, 20], [-1, 0, 5, 5])).toBe(false);
  });
});
