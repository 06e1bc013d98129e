/**
 * Stage and screen. OpenLayers counts y upwards, a stage may count it downwards: everything that
 * OpenLayers gets has its y turned here, and everything that people read is the stage's.
 */
import type { Box, ChipMap, Point } from "~/pages/map/types";

/** 1, or -1 where the stage's y grows downwards on the pictures. */
export type Sign = 1 | -1;

export function signOf(map: Pick<ChipMap, "y_axis">): Sign {
  return map.y_axis === "up" ? 1 : -1;
}

/** From the stage to OpenLayers, and back: the same turn. */
export function turned([x, y]: Point, sign: Sign): [number, number] {
  // Without the sum a zero would become -0, which is written as such.
  return [x, sign * y + 0];
}

export function turnedBox([left, low, right, high]: Box, sign: Sign): [...Box] {
  return sign === 1 ? [left, low, right, high] : [left, -high + 0, right, -low + 0];
}

/** A box, larger by a share of its sides on each side. */
export function widened([left, low, right, high]: Box, share: number): [...Box] {
  const dx = (right - left) * share;
  const dy = (high - low) * share;
  return [left - dx, low - dy, right + dx, high + dy];
}

export function holds(box: Box, x: number, y: number): boolean {
  return x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
}

export function holdsBox(outer: Box, inner: Box): boolean {
  return holds(outer, inner[0], inner[1]) && holds(outer, inner[2], inner[3]);
}
