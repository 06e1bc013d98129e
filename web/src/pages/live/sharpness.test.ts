import { expect, test } from "vitest";
import type { Square } from "~/pages/live/board";
import { focusWarning } from "~/pages/live/sharpness";

function scan(...focus: (number | null)[]): Square[] {
  return focus.map((one, at) => ({
    ...({} as Square),
    state: "screened",
    focus: one,
    screenedAt: `2026-11-20T10:${String(at).padStart(2, "0")}:00Z`,
  }));
}

const SHARP = Array<number>(20).fill(0.4);

test("a scan that stays sharp warns of nothing", () => {
  expect(focusWarning(scan(...SHARP, 0.38, 0.35))).toBeNull();
});

test("one soft tile is no lost focus, three of the last ten are", () => {
  expect(focusWarning(scan(...SHARP, 0.1))).toBeNull();
  expect(focusWarning(scan(...SHARP, 0.1, 0.1, 0.1))).toContain("3 of the last 10");
});

test("a focus that was lost and found again is past", () => {
  expect(focusWarning(scan(...SHARP, 0.1, 0.1, 0.1, ...SHARP))).toBeNull();
});

test("tiles without edges tell nothing, and few tiles do not either", () => {
  expect(focusWarning(scan(...Array<null>(40).fill(null)))).toBeNull();
  expect(focusWarning(scan(0.4, 0.1, 0.1, 0.1))).toBeNull();
});
