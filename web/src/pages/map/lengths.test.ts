import { describe, expect, it } from "vitest";
import { areaOf, areaText, barOf, lengthOf, lengthText, roundLength } from "~/pages/map/lengths";

describe("lengths", () => {
  it("rounds down to 1, 2 or 5 times a power of ten", () => {
    expect([1, 1.99, 4.9, 7, 9.99, 10, 0.3].map(roundLength)).toEqual([1, 1, 2, 5, 5, 10, 0.2]);
  });

  it("draws a bar exactly as long as it says", () => {
    const bar = barOf(0.3844, "um", 160);
    expect(bar.label).toBe("50 µm");
    expect(bar.widthPx * 0.3844).toBeCloseTo(50, 9);
  });

  it("changes to mm from 1000 um on", () => {
    expect(barOf(20, "um", 160).label).toBe("2 mm");
    expect(lengthText(999, "um")).toBe("999 µm");
    expect(areaText(2_500_000, "um")).toBe("2.5 mm²");
  });

  it("does not speak of um where the scale is unknown", () => {
    expect(barOf(4, "px", 160).label).toBe("500 px");
    expect(areaText(1234.4, "px")).toBe("1,234 px²");
  });

  it("measures a line and an area by their points", () => {
    const square = [
      [0, 0],
      [3, 0],
      [3, 4],
      [0, 4],
    ];
    expect(lengthOf(square)).toBe(10);
    expect(areaOf(square)).toBe(12);
    expect(areaOf(square.toReversed())).toBe(12);
  });
});
