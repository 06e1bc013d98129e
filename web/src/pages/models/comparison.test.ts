import { describe, expect, it } from "vitest";
import {
  bestOf,
  type Curves,
  chosenOf,
  intervalOf,
  isSameCrops,
  wilson,
} from "~/pages/models/comparison";

const on = (name: string, graphene: number) => ({ name, graphene, other: 10 }) as Curves;

describe("comparison", () => {
  it("marks the best figure, the least one where less is better", () => {
    expect(bestOf([0.9, 0.95, null])).toEqual([false, true, false]);
    expect(bestOf([0.03, 0.01], true)).toEqual([false, true]);
    expect(bestOf([0.9, 0.9, 0.8])).toEqual([true, true, false]);
  });

  it("marks nothing where nothing differs or nothing is compared", () => {
    expect(bestOf([0.9, 0.90001])).toEqual([false, false]);
    expect(bestOf([0.9, null])).toEqual([false, false]);
    expect(bestOf([null, null])).toEqual([false, false]);
  });

  it("tells figures on other crops apart", () => {
    expect(isSameCrops([on("a", 5), on("a", 5)])).toBe(true);
    expect(isSameCrops([on("a", 5), on("a", 6)])).toBe(false);
    expect(isSameCrops([on("a", 5), on("b", 5)])).toBe(false);
  });

  it("gives an interval that stays between 0 and 1", () => {
    const [low, high] = wilson(10, 10) ?? [];
    expect(low).toBeCloseTo(0.722, 2);
    expect(high).toBe(1);
    expect(wilson(0, 0)).toBeNull();
    const [middle] = wilson(50, 100) ?? [];
    expect(middle).toBeCloseTo(0.404, 3);
  });

  it("counts what a figure is a share of", () => {
    const confusion = { true_graphene: 9, missed: 1, false_alarms: 0, true_other: 90 };
    expect(intervalOf("recall", { confusion })).toEqual(wilson(9, 10));
    expect(intervalOf("accuracy", { confusion })).toEqual(wilson(99, 100));
    expect(intervalOf("f1", { confusion })).toBeNull();
  });

  it("keeps of an address only versions that there are", () => {
    expect(chosenOf("b,a,a,gone", ["a", "b", "c"])).toEqual(["b", "a"]);
    expect(chosenOf(null, ["a"])).toEqual([]);
    expect(chosenOf("1,2,3,4,5", ["1", "2", "3", "4", "5"])).toHaveLength(4);
  });
});
