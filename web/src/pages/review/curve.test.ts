import { expect, test } from "vitest";
import { curveOf, fitsBadly } from "./curve";
import { drawOptics } from "./drawn_optics";

const lineOf = (optics: ReturnType<typeof drawOptics>, label: string) =>
  curveOf(optics).lines.find((line) => line.label === label)?.y;

test("each channel is drawn over the layers", () => {
  expect(curveOf(drawOptics()).x).toEqual([0, 1, 2]);
  expect(lineOf(drawOptics(), "red, expected")).toEqual([0, -0.13, -0.25]);
  expect(lineOf(drawOptics(), "blue, expected")).toEqual([0, -0.07, -0.12]);
});

test("the flake is a point at its number of layers", () => {
  expect(lineOf(drawOptics(), "green, this flake")).toEqual([null, -0.14, null]);
});

test("without a number of layers, or one that was never measured, it is a row", () => {
  expect(lineOf(drawOptics({ layers: null }), "red, this flake")).toEqual([-0.137, -0.137, -0.137]);
  expect(lineOf(drawOptics({ layers: 7 }), "red, this flake")).toEqual([-0.137, -0.137, -0.137]);
});

test("a channel has one colour, expected and measured", () => {
  const { lines } = curveOf(drawOptics());
  const channels = lines.map(({ label, like }, at) => [label.split(",")[0], like ?? at]);

  expect(channels.slice(3)).toEqual(channels.slice(0, 3));
});

test("who hears the plot hears both contrasts, or that nothing fits", () => {
  expect(curveOf(drawOptics()).description).toContain("Expected of 1 layer: red \u22120.130");
  expect(curveOf(drawOptics({ layers: null })).description).toContain("fits no number of layers");
});

test("the rings stand at the number of layers that counts, whatever is read again", () => {
  const green = curveOf(drawOptics(), 2).lines.find(({ label }) => label === "green, this flake");
  expect(green?.y).toEqual([null, null, -0.14]);
});

test("rings far off the curve are told", () => {
  expect(fitsBadly(drawOptics(), 1)).toBe(false);
  expect(fitsBadly(drawOptics(), 2)).toBe(true);
  expect(fitsBadly(drawOptics(), null)).toBe(false);
});

test("the curve has its band of error", () => {
  const red = curveOf(drawOptics()).lines.find(({ label }) => label === "red, expected");
  expect(red?.sigma).toEqual([0, 0.02, 0.02]);
});
