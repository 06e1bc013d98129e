import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import { warningsOf } from "~/pages/scans/warnings";

type Scan = Schemas["Scan"];
type Optics = Schemas["ScanOptics"];

const SCAN = {
  id: 1,
  oxide_nm: 285,
  um_per_px: 0.5,
  affine: null,
  tiles: { screened: 9 },
  warnings: ["3 of 9 tiles are under another light. Tile 38: ...", "Tiles look mirrored."],
} as unknown as Scan;

function optics(oxide_nm: number, drift: Optics["drift"] = []): Optics {
  return { oxide: { oxide_nm, sigma_nm: 3, confident: true }, tiles_compared: 9, drift };
}

test("an oxide that the flakes contradict is told with what they say", () => {
  const [first] = warningsOf(SCAN, optics(94)).filter(({ oxideNm }) => oxideNm);
  expect(first?.oxideNm).toBe(94);
  expect(first?.text).toContain("said to be 285 nm; its flakes look like 94");
  expect(warningsOf(SCAN, optics(280)).some(({ oxideNm }) => oxideNm)).toBe(false);
});

test("the light is told once, by the worst tile's name", () => {
  const drift = [
    { tile_id: 40, name: "worst.png", change: -0.64, warning: "R/G is -64%." },
    { tile_id: 38, name: "mild.png", change: -0.05, warning: "R/G is -5%." },
  ];
  const texts = warningsOf(SCAN, optics(285, drift)).map(({ text }) => text);
  expect(texts).toEqual([
    "Tiles look mirrored.",
    "2 of 9 tiles are under another light. The worst is worst.png: R/G is -64%.",
  ]);
});

test("before the light is known what the last run said stays", () => {
  expect(warningsOf(SCAN, undefined).map(({ text }) => text)).toEqual(SCAN.warnings);
});

test("an unknown scale is told wherever coordinates are taken", () => {
  const scan = { ...SCAN, um_per_px: null, warnings: [] } as Scan;
  expect(warningsOf(scan, undefined)[0]?.text).toContain("scale is unknown");
});
