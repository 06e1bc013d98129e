import { expect, test } from "vitest";
import { Board, type Square } from "~/pages/live/board";
import { layOut } from "~/pages/live/layout";

function squares(some: Partial<Square>[]): Square[] {
  const board = new Board();
  const event = { at: "", scan_id: 1, name: null, row: null, col: null, graphene: 0, other: 0 };
  some.forEach((_, at) => {
    board.hearScreened({ ...event, tile_id: at, flakes: [] });
  });
  return [...board.squares.values()].map((square, at) => ({ ...square, ...some[at] }));
}

test("rows and columns go before all, and begin at the first of them", () => {
  const laid = layOut(
    squares([
      { row: 4, col: 7 },
      { row: 5, col: 9 },
    ]),
    false,
  );

  expect(laid).toMatchObject({ by: "rows", width: 3, height: 2 });
  expect(laid.boxes[0]).toEqual([0, 0, 1, 1]);
});

test("on the stage each tile has its size, and y may grow upward", () => {
  const size = { width: 100, height: 50 };
  const two = squares([
    { x: 1000, y: 0, ...size },
    { x: 1100, y: 50, ...size },
  ]);

  expect(layOut(two, false).boxes).toEqual([
    [0, 0, 100, 50],
    [100, 50, 100, 50],
  ]);
  expect(layOut(two, true).boxes[0]).toEqual([0, 50, 100, 50]);
});

test("where one place is unknown, all lie as they came", () => {
  const laid = layOut(squares([{ row: 0, col: 0 }, {}, {}]), false);

  expect(laid.by).toBe("order");
  expect(laid.boxes).toHaveLength(3);
});

test("no tile makes no frame", () => {
  expect(layOut([], false)).toMatchObject({ width: 0, height: 0 });
});
