/** What is painted of the flakes, in columns of numbers that reach another thread at once. */
import type { Sign } from "~/pages/map/axes";
import { lookOf } from "~/pages/map/looks";
import type { ColourBy } from "~/pages/map/place";
import type { MapFlakes, Point } from "~/pages/map/types";
import * as format from "~/parts/format";

/** Flakes that are shown, in map coordinates: y upwards. */
export interface Scene {
  colourBy: ColourBy;
  x: Float64Array;
  y: Float64Array;
  /** Which of `looksOf(colourBy)`. */
  look: Uint8Array;
  /** Of which corner on a flake's outline begins; it ends where the next begins. */
  starts: Uint32Array;
  /** x, y, x, y, ... */
  corners: Float64Array;
  /** What labels say; null where none are wanted. */
  named: Named | null;
}

interface Named {
  id: Float64Array;
  p: Float64Array;
  /** 0 where unknown. */
  layers: Float64Array;
}

/** What the page knows. */
export interface Known {
  flakes: MapFlakes;
  rows: readonly number[];
  /** By the flake's id; what has none is drawn as a point. */
  outlines: ReadonlyMap<number, readonly Point[]>;
  colourBy: ColourBy;
  sign: Sign;
  hasLabels: boolean;
}

export function sceneOf({ flakes, rows, outlines, colourBy, sign, hasLabels }: Known): Scene {
  const column = (of: readonly (number | null)[], scale = 1) =>
    Float64Array.from(rows, (at) => scale * (of[at] ?? 0));
  return {
    colourBy,
    x: column(flakes.x),
    y: column(flakes.y, sign),
    look: Uint8Array.from(rows, (at) => lookOf(flakes, at, colourBy)),
    ...flat(
      rows.map((at) => outlines.get(flakes.id[at] ?? -1)),
      sign,
    ),
    named: hasLabels
      ? { id: column(flakes.id), p: column(flakes.p_graphene), layers: column(flakes.layers) }
      : null,
  };
}

function flat(outlines: readonly (readonly Point[] | undefined)[], sign: Sign) {
  const starts = new Uint32Array(outlines.length + 1);
  outlines.forEach((outline, at) => {
    starts[at + 1] = (starts[at] ?? 0) + (outline?.length ?? 0);
  });
  const corners = new Float64Array(2 * (starts.at(-1) ?? 0));
  outlines.forEach((outline, at) => {
    outline?.forEach(([x, y], number) => {
      const place = 2 * ((starts[at] ?? 0) + number);
      corners[place] = x;
      corners[place + 1] = sign * y;
    });
  });
  return { starts, corners };
}

export function labelOf({ id, p, layers }: Named, at: number): string {
  const count = layers[at] ? ` \u00b7 ${layers[at]} L` : "";
  return `${id[at]} \u00b7 p ${format.p(p[at])}${count}`;
}
