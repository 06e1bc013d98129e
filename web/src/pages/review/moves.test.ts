import { expect, test } from "vitest";
import { moved } from "./moves";

// Ten in rows of four: the last row has two.
const go = (from: number, to: Parameters<typeof moved>[1]) => moved(from, to, 4, 10);

test("left and right go on in the next row and stop at the ends", () => {
  expect([go(3, "right"), go(4, "left"), go(0, "left"), go(9, "right")]).toEqual([4, 3, 0, 9]);
});

test("up and down keep the column", () => {
  expect([go(5, "up"), go(1, "down")]).toEqual([1, 5]);
});

test("up from the first row and down from the last one stay", () => {
  expect([go(2, "up"), go(8, "down")]).toEqual([2, 8]);
});

test("down above a gap goes to the last one", () => {
  expect(go(7, "down")).toBe(9);
});

test("first and last are the ends, also of nothing", () => {
  expect([go(5, "first"), go(5, "last"), moved(0, "last", 4, 0)]).toEqual([0, 9, 0]);
});

test("a single column is a list", () => {
  expect([moved(1, "up", 1, 3), moved(1, "down", 0, 3)]).toEqual([0, 2]);
});
