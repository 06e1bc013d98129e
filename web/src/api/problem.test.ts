import { expect, test } from "vitest";
import { newReasons, problemOf } from "~/api/problem";

test("a reason that the detail tells is not told again", () => {
  const body = {
    title: "Refused",
    detail: "Not promoted: it finds less.",
    reasons: ["it finds less.", "It is slower."],
  };

  expect(newReasons(problemOf(body, 409))).toEqual(["It is slower."]);
});

test("fields that are wrong are named with what is wrong", () => {
  const body = {
    title: "Invalid",
    detail: "",
    errors: [{ field: "oxide_nm", reason: "too thick" }],
  };

  expect(problemOf(body, 422).reasons).toEqual(["oxide_nm: too thick"]);
});

test("an answer that is no problem document is told with its status", () => {
  expect(problemOf("<html>", 502).detail).toBe("Status 502.");
});
