import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import { orientationOf, shareWords, turnWords } from "~/pages/scans/one/placement_words";

const better = {
  flip_x: false,
  flip_y: true,
  swap_xy: false,
  um_per_px: 0.3844,
  affine: null,
  share: 0.97,
};
const placement = {
  compared: 40,
  measured: 37,
  share: 0,
  offset_um: 464.4,
  offset_px: 1208,
  better,
} as Schemas["Placement"];

test("a contradiction is told with its figures", () => {
  expect(shareWords(placement)).toContain("37 of 40 pairs");
  expect(shareWords(placement)).toContain("464");
  expect(turnWords(better)).toContain("With y mirrored");
  expect(turnWords(better)).toContain("97 % would agree");
});

test("without a measured pair there is no share", () => {
  expect(shareWords({ ...placement, measured: 0, share: null })).toBe(
    "0 of 40 pairs of neighbours show how they lie.",
  );
});

test("a matrix takes the place of mirrors", () => {
  expect(orientationOf(placement)).toEqual({ flip_x: false, flip_y: true, swap_xy: false });
  const turned = { ...placement, better: { ...better, affine: [1, 0, 0, 0, 1, 0] } };
  expect(orientationOf(turned)).toEqual({ affine: [1, 0, 0, 0, 1, 0] });
  expect(orientationOf({ ...placement, better: null })).toEqual({});
});
