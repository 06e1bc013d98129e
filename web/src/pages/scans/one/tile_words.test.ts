import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import { lightWords, placeWords } from "~/pages/scans/one/tile_words";

function tile(change: Partial<Schemas["Tile"]>): Schemas["Tile"] {
  const nothing = { row: null, col: null, stage_x_um: null, stage_y_um: null, light: null };
  return { ...nothing, ...change } as Schemas["Tile"];
}

test("a place that nobody knows is unknown, not 0", () => {
  expect(placeWords(tile({}))).toBe("unknown");
  expect(placeWords(tile({ row: 0, col: 0 }))).toBe("row 0, column 0");
  expect(placeWords(tile({ stage_x_um: 0, stage_y_um: 1.25 }))).toContain("0.0, 1.3");
});

test("without an edge nobody knows how sharp a tile is", () => {
  const light = { background_rgb: [0, 0, 0], noise_rgb: [0, 0, 0], bare_fraction: 0.913, focus: 0 };
  expect(lightWords(tile({ light: light as Schemas["Light"] }))).toBe(
    "91 % bare, sharpness unknown",
  );
});
