/** What the comparison of images and positions says. */
import type { Schemas } from "~/api/client";
import * as format from "~/parts/format";

type Placement = Schemas["Placement"];

/** How many pairs told something, and how many of them agree. */
export function shareWords({ compared, measured, share, offset_um, offset_px }: Placement): string {
  const told = `${measured} of ${compared} pairs of neighbours show how they lie`;
  if (share === null || measured === 0) return `${told}.`;
  const off = offset_um === null ? pixels(offset_px) : format.um(offset_um);
  return `${told}; ${format.percent(share, 0)} of those agree, and they lie ${off} off in the median.`;
}

const pixels = (value: number | null) =>
  value === null ? format.UNKNOWN : `${value.toFixed(0)} px`;

/** With what they would agree. */
export function turnWords(better: NonNullable<Placement["better"]>): string {
  const turned = [
    better.swap_xy && "x and y swapped",
    better.flip_x && "x mirrored",
    better.flip_y && "y mirrored",
  ].filter(Boolean);
  const how = turned.length ? turned.join(", ") : "nothing mirrored or swapped";
  return `With ${how} and ${better.um_per_px} \u00b5m per px, ${format.percent(better.share, 0)} would agree.`;
}

/** The orientation to ask for: a matrix takes the place of mirrors. */
export function orientationOf({ better }: Placement): Partial<Schemas["PlaceBy"]> {
  if (!better) return {};
  const { affine, flip_x, flip_y, swap_xy } = better;
  return affine ? { affine } : { flip_x, flip_y, swap_xy };
}
