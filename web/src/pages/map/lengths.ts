/** Lengths and areas on a map, whose unit may be the pixel where nobody knows the scale. */
import { um, um2 } from "~/parts/format";

export type Unit = "um" | "px";

const STEPS = [1, 2, 5, 10];

/** The longest round length that fits: 1, 2 or 5 times a power of ten. */
export function roundLength(atMost: number): number {
  const power = 10 ** Math.floor(Math.log10(atMost));
  const step = STEPS.findLast((one) => one * power <= atMost * (1 + 1e-9)) ?? 1;
  // By a product, 3 * 0.1 would be shown with all its digits.
  return Number((step * power).toPrecision(1));
}

export interface Bar {
  widthPx: number;
  label: string;
}

/** A scale bar of at most `mostPx`; `resolution` = units per pixel of the screen. */
export function barOf(resolution: number, unit: Unit, mostPx = 160): Bar {
  const length = roundLength(resolution * mostPx);
  return { widthPx: length / resolution, label: lengthText(length, unit) };
}

/** "12.3 um", "1.23 mm", or "123 px". */
export function lengthText(length: number, unit: Unit): string {
  if (unit === "px") return `${Math.round(length).toLocaleString("en-GB")} px`;
  return length >= 1000 ? `${Number((length / 1000).toPrecision(3))} mm` : um(length);
}

/** "123 um2", "1.23 mm2", or "123 px2". */
export function areaText(area: number, unit: Unit): string {
  if (unit === "px") return `${Math.round(area).toLocaleString("en-GB")} px\u00b2`;
  return area >= 1e5 ? `${Number((area / 1e6).toPrecision(3))} mm\u00b2` : um2(area);
}

type Points = readonly (readonly number[])[];

/** Length of a line through points. */
export function lengthOf(points: Points): number {
  let sum = 0;
  points.forEach((point, at) => {
    const before = points[at - 1];
    if (before)
      sum += Math.hypot(part(point, 0) - part(before, 0), part(point, 1) - part(before, 1));
  });
  return sum;
}

/** Area of a polygon by its corners (shoelace formula); it need not be closed. */
export function areaOf(points: Points): number {
  let twice = 0;
  points.forEach((point, at) => {
    const next = points[(at + 1) % points.length] ?? point;
    twice += part(point, 0) * part(next, 1) - part(next, 0) * part(point, 1);
  });
  return Math.abs(twice) / 2;
}

function part(point: readonly number[], at: number): number {
  return point[at] ?? 0;
}
