/** Where the squares of a scan lie on the small map: by row and column, by stage, or as they came. */
import type { Square } from "~/pages/live/board";

export interface Laid {
  by: "rows" | "stage" | "order";
  /** Left, top, width and height of each, in one unit; y grows downward. */
  boxes: readonly (readonly [left: number, top: number, width: number, height: number])[];
  width: number;
  height: number;
}

type Box = Laid["boxes"][number];

/** All squares in one frame that begins at 0, 0; `isUp`: the stage's y grows upward on images. */
export function layOut(squares: readonly Square[], isUp: boolean): Laid {
  if (squares.length && squares.every(({ row, col }) => row !== null && col !== null)) {
    const boxes = squares.map(({ row, col }) => [col ?? 0, row ?? 0, 1, 1] as const);
    return framed("rows", boxes);
  }
  const placed = squares.map((square) => stageBox(square, isUp));
  if (squares.length && placed.every((box) => box !== null)) {
    return framed("stage", placed);
  }
  const columns = Math.ceil(Math.sqrt(2 * squares.length)) || 1;
  const boxes = squares.map((_, at) => [at % columns, Math.floor(at / columns), 1, 1] as const);
  return framed("order", boxes);
}

function stageBox({ x, y, width, height }: Square, isUp: boolean): Box | null {
  if (x === null || y === null || !width || !height) return null;
  return [x - width / 2, (isUp ? -y : y) - height / 2, width, height];
}

function framed(by: Laid["by"], boxes: readonly Box[]): Laid {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y, width, height] of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  if (!boxes.length) return { by, boxes, width: 0, height: 0 };
  const moved = boxes.map(([x, y, width, height]) => [x - left, y - top, width, height] as const);
  return { by, boxes: moved, width: right - left, height: bottom - top };
}
