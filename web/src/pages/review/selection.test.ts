import { expect, test } from "vitest";
import { allOrNone, extended, MOST_AT_ONCE, NONE, toggled } from "./selection";

const ORDER = [5, 3, 9, 7, 1];
const idsOf = (selection: { ids: ReadonlySet<number> }) => [...selection.ids];

test("choosing twice takes it out again", () => {
  const once = toggled(NONE, 3);

  expect(idsOf(once)).toEqual([3]);
  expect(idsOf(toggled(once, 3))).toEqual([]);
});

test("a range follows the order that is shown, in both directions", () => {
  expect(idsOf(extended(toggled(NONE, 3), ORDER, 3, 7))).toEqual([3, 9, 7]);
  expect(idsOf(extended(toggled(NONE, 7), ORDER, 7, 3))).toEqual([7, 3, 9]);
});

test("a range without a choice before begins at the current one and keeps its beginning", () => {
  const first = extended(NONE, ORDER, 5, 3);

  expect(idsOf(extended(first, ORDER, 3, 9))).toEqual([5, 3, 9]);
});

test("all are chosen, and a second time none", () => {
  const all = allOrNone(toggled(NONE, 9), ORDER);

  expect(all.ids.size).toBe(5);
  expect(allOrNone(all, ORDER)).toBe(NONE);
});

test("never more than the service takes at once", () => {
  const many = Array.from({ length: MOST_AT_ONCE + 50 }, (_, index) => index);

  expect(allOrNone(NONE, many).ids.size).toBe(MOST_AT_ONCE);
});
