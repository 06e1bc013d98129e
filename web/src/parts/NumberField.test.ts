import { expect, test } from "vitest";
import { readNumber } from "~/parts/NumberField";

test("numbers may have a comma; what is no number above 0 is told apart from nothing", () => {
  expect(readNumber(" 0,3844 ")).toBe(0.3844);
  expect(readNumber("")).toBeNull();
  expect(readNumber("-1")).toBeUndefined();
  expect(readNumber("thick")).toBeUndefined();
});
