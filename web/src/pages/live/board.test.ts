import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import type { EventKinds } from "~/api/events";
import { Board } from "~/pages/live/board";

function screened(tile_id: number, graphene = 0): EventKinds["tile_screened"] {
  const at = "2026-11-20T10:20:00Z";
  return {
    at,
    scan_id: 1,
    tile_id,
    name: `t${tile_id}`,
    row: 0,
    col: tile_id,
    graphene,
    other: 0,
    flakes: [],
  };
}

function failed(tile_id: number): EventKinds["tile_failed"] {
  return { at: "", scan_id: 1, tile_id, name: null, row: null, col: null, error: "no image" };
}

function tile(id: number, change: Partial<Schemas["Tile"]> = {}): Schemas["Tile"] {
  const light = { focus: 0.4 };
  return {
    id,
    name: null,
    row: null,
    col: null,
    corrected_x_um: null,
    corrected_y_um: null,
    stage_x_um: 10,
    stage_y_um: 20,
    um_per_px: 0.5,
    width_px: 100,
    height_px: 80,
    state: "screened",
    light,
    screened_at: null,
    error: null,
    ...change,
  } as Schemas["Tile"];
}

test("what is shown stays bounded, however many tiles come", () => {
  const board = new Board();
  for (let id = 1; id <= 72_000; id += 1) board.hearScreened(screened(id, id % 2));
  for (let id = 1; id <= 100; id += 1) board.hearFailed(failed(id));

  expect(board.recent).toEqual([72_000, 71_999, 71_998, 71_997, 71_996, 71_995]);
  expect(board.failures).toHaveLength(20);
  expect(board.graphene).toBe(36_000);
});

test("the list of tiles adds places and sharpness to what events told", () => {
  const board = new Board();
  board.hearScreened(screened(1, 3));
  board.read([tile(1)]);

  expect(board.squares.get(1)).toMatchObject({ graphene: 3, x: 10, y: 20, width: 50, focus: 0.4 });
});

test("a corrected place goes before the stated one", () => {
  const board = new Board();
  board.read([tile(1, { corrected_x_um: 11 })]);

  expect(board.squares.get(1)?.x).toBe(11);
});

test("a tile that is screened after all has failed no longer", () => {
  const board = new Board();
  board.hearFailed(failed(1));
  board.hearScreened(screened(1));

  expect(board.failures).toEqual([]);
  expect(board.squares.get(1)?.state).toBe("screened");
});
