import { describe, expect, it } from "vitest";
import type { Curves } from "~/pages/models/comparison";
import { calibrationOf, trace } from "~/pages/models/curves";

describe("curves over one x", () => {
  it("keeps a vertical step vertical", () => {
    const { x, lines } = trace([
      [
        { x: 0, y: 0 },
        { x: 0, y: 0.8 },
        { x: 1, y: 1 },
      ],
    ]);
    expect(x.slice(0, 2)).toEqual([0, 0]);
    expect(lines[0]?.slice(0, 2)).toEqual([0, 0.8]);
    expect(lines[0]?.at(-1)).toBe(1);
  });

  it("draws a path between its points at the x of another", () => {
    const { x, lines } = trace([
      [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
      [{ x: 0.333, y: 0.5 }],
    ]);
    const at = x.indexOf(0.333);
    expect(lines[0]?.[at]).toBeCloseTo(0.333);
    expect(lines[1]?.[at]).toBe(0.5);
    expect(lines[1]?.filter((y) => y !== null)).toHaveLength(2);
  });

  it("rises in x and has a value for each", () => {
    const { x, lines } = trace([[{ x: 0.7, y: 1 }], []]);
    expect(x).toEqual([...x].sort((a, b) => a - b));
    expect(lines.map((line) => line.length)).toEqual([x.length, x.length]);
  });

  it("leaves out bars without crops, or with few", () => {
    const bar = { low: 0, high: 0.1, crops: 0, p_mean: null, graphene_share: null };
    const few = { low: 0.5, high: 0.6, crops: 4, p_mean: 0.55, graphene_share: 0 };
    const full = { low: 0.9, high: 1, crops: 5, p_mean: 0.95, graphene_share: 1 };
    expect(calibrationOf({ reliability: [bar, few, full] } as unknown as Curves)).toEqual([
      { x: 0.95, y: 1 },
    ]);
  });
});
