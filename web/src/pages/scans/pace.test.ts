import { expect, test } from "vitest";
import { leftText, paceOf, paceText, secondsLeft, withMark } from "~/pages/scans/pace";

test("the pace is that of the last seconds only", () => {
  let marks = withMark([], { at: 0, done: 0 }, 10_000);
  marks = withMark(marks, { at: 20_000, done: 10 }, 10_000);
  marks = withMark(marks, { at: 25_000, done: 30 }, 10_000);

  expect(paceOf(marks, 25_000)).toBe(4);
});

test("where nothing more comes the pace sinks", () => {
  const marks = [
    { at: 0, done: 0 },
    { at: 1000, done: 10 },
  ];
  expect(paceOf(marks, 1000)).toBe(10);
  expect(paceOf(marks, 10_000)).toBe(1);
});

test("after a rescreen, counts begin anew", () => {
  expect(withMark([{ at: 0, done: 90 }], { at: 1, done: 2 }, 10_000)).toEqual([{ at: 1, done: 2 }]);
});

test("nobody knows the time left without a pace or an end", () => {
  expect(secondsLeft(null, 2)).toBeNull();
  expect(secondsLeft(10, null)).toBeNull();
  expect(secondsLeft(10, 0)).toBeNull();
  expect(leftText(null)).toBe("");
  expect(paceOf([{ at: 0, done: 1 }], 5)).toBeNull();
});

test("times and paces read as people say them", () => {
  expect(leftText(20)).toBe("less than a minute left");
  expect(leftText(125)).toBe("2 min left");
  expect(leftText(7500)).toBe("2 h 5 min left");
  expect(leftText(4 * 86_400)).toBe("4 days left");
  expect(paceText(3.21)).toBe("3.2 tiles/s");
  expect(paceText(0.05)).toBe("3.0 tiles/min");
  expect(paceText(0)).toBe("no tile at the moment");
});
