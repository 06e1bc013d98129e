export type Direction = "left" | "right" | "up" | "down" | "first" | "last";

/**
 * Where a move leads in a grid that is filled row by row, as an index; it stays inside. Left and
 * right go on in the next row; down from above a short last row goes to its end.
 */
export function moved(from: number, to: Direction, columns: number, length: number): number {
  const last = length - 1;
  const wide = Math.max(columns, 1);
  switch (to) {
    case "left":
      return Math.max(from - 1, 0);
    case "right":
      return Math.min(from + 1, last);
    case "up":
      return from < wide ? from : from - wide;
    case "down":
      return isLastRow(from, wide, last) ? from : Math.min(from + wide, last);
    case "first":
      return 0;
    case "last":
      return Math.max(last, 0);
  }
}

function isLastRow(index: number, columns: number, last: number): boolean {
  return Math.floor(index / columns) === Math.floor(last / columns);
}
