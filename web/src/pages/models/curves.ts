import type { Curves } from "~/pages/models/comparison";

export interface Point {
  x: number;
  y: number;
}

/** Paths over one common x, as a plot wants them. */
export interface Traced {
  x: number[];
  lines: (number | null)[][];
}

/** Where a path comes to an x, and where it leaves it: it may rise there. */
interface Knot {
  x: number;
  enter: number;
  leave: number;
}

// So many that the plot draws lines and no points: these x are of all paths, not of one.
const STEPS = 40;

/**
 * Paths with rising x, each with x of its own, over all their x. Each x comes twice, so that
 * vertical steps stay vertical. Outside of its ends a path is null.
 */
export function trace(paths: readonly (readonly Point[])[]): Traced {
  const regular = Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS);
  const own = paths.flatMap((path) => path.map(({ x }) => x));
  const xs = [...new Set([...regular, ...own])].sort((a, b) => a - b);
  const lines = paths.map((path) => {
    const knots = knotsOf(path);
    return xs.flatMap((x) => sidesAt(knots, x));
  });
  return { x: xs.flatMap((x) => [x, x]), lines };
}

function knotsOf(path: readonly Point[]): Knot[] {
  const knots: Knot[] = [];
  for (const { x, y } of path) {
    const last = knots.at(-1);
    if (last?.x === x) last.leave = y;
    else knots.push({ x, enter: y, leave: y });
  }
  return knots;
}

function sidesAt(knots: readonly Knot[], x: number): [number | null, number | null] {
  const at = knots.findIndex((knot) => knot.x >= x);
  const after = knots[at];
  if (!after) return [null, null];
  if (after.x === x) return [after.enter, after.leave];
  const before = knots[at - 1];
  if (!before) return [null, null];
  const share = (x - before.x) / (after.x - before.x);
  const y = before.leave + share * (after.enter - before.leave);
  return [y, y];
}

export function rocOf({ roc }: Curves): Point[] {
  return rising(roc.map(({ false_alarm_rate, recall }) => ({ x: false_alarm_rate, y: recall })));
}

export function precisionOf({ precision_recall }: Curves): Point[] {
  return rising(precision_recall.map(({ recall, precision }) => ({ x: recall, y: precision })));
}

/** The share of fewer crops jumps by chance. */
export const LEAST_CROPS = 5;

/** Share that is graphene over p, without bars of few crops. */
export function calibrationOf({ reliability }: Curves): Point[] {
  return rising(
    reliability.flatMap(({ p_mean, graphene_share, crops }) =>
      p_mean === null || graphene_share === null || crops < LEAST_CROPS
        ? []
        : [{ x: p_mean, y: graphene_share }],
    ),
  );
}

/** In the order of x; what has the same x keeps its order. */
function rising(path: Point[]): Point[] {
  return path.sort((a, b) => a.x - b.x);
}
