import type { Schemas } from "~/api/client";

/**
 * What was said in this session: what is on its way to the service, what can be undone, and what
 * was reviewed. Values only; `giving.ts` talks to the service.
 */

export type Review = Schemas["Review"];
export type Label = Review["label"];
/** A flake that the service keeps. */
export type Flake = Schemas["Flake"] & { id: number };

export interface Verdict {
  label: Label;
  layers: number | null;
  note: string | null;
}

/** A verdict on its way: shown at once, as if it were already said. */
interface Waiting {
  key: number;
  ids: readonly number[];
  review: Review;
}

/** A verdict that was saved: the review that it made of each flake. */
export interface Done {
  reviews: ReadonlyMap<number, number>;
}

export interface Desk {
  waiting: readonly Waiting[];
  trail: readonly Done[];
  reviewed: ReadonlySet<number>;
  /** The latest review of flakes that were judged, by their ids: their lists may be older. */
  known: ReadonlyMap<number, number | null>;
}

export const EMPTY: Desk = { waiting: [], trail: [], reviewed: new Set(), known: new Map() };

/** What counts as a flake's review now: the last that was said, or what the service told. */
export function shownReview(desk: Desk, flake: Flake): Review | null {
  const said = desk.waiting.findLast(({ ids }) => ids.includes(flake.id));
  return said ? said.review : flake.review;
}

export function started(desk: Desk, waiting: Waiting): Desk {
  return { ...desk, waiting: [...desk.waiting, waiting] };
}

/**
 * The service has saved it. `before` are the flakes as they were judged. A person's verdict said
 * again makes no new review, so there is nothing to undo: that would take back the first one.
 */
export function saved(
  desk: Desk,
  key: number,
  before: readonly Flake[],
  after: readonly Flake[],
): Desk {
  const earlier = new Map(before.map((flake) => [flake.id, flake.review?.id ?? null]));
  const made = new Map<number, number>();
  for (const { id, review } of after) {
    const old = desk.known.has(id) ? desk.known.get(id) : earlier.get(id);
    if (review && review.id !== old) made.set(id, review.id);
  }
  return {
    waiting: without(desk, key),
    trail: made.size ? [...desk.trail, { reviews: made }] : desk.trail,
    reviewed: new Set([...desk.reviewed, ...after.map(({ id }) => id)]),
    known: learnt(desk, after),
  };
}

/** The service has refused it: what was there before is shown again. */
export function refused(desk: Desk, key: number): Desk {
  return { ...desk, waiting: without(desk, key) };
}

/** The last verdict was taken back from `undone`; `rest` is what is still to be taken back. */
export function undone(
  desk: Desk,
  flakes: readonly Flake[],
  rest: ReadonlyMap<number, number>,
): Desk {
  const gone = new Set(flakes.map(({ id }) => id));
  const trail = desk.trail.slice(0, -1);
  return {
    ...desk,
    trail: rest.size ? [...trail, { reviews: rest }] : trail,
    reviewed: new Set([...desk.reviewed].filter((id) => !gone.has(id))),
    known: learnt(desk, flakes),
  };
}

function without(desk: Desk, key: number): readonly Waiting[] {
  return desk.waiting.filter((one) => one.key !== key);
}

function learnt(desk: Desk, flakes: readonly Flake[]): ReadonlyMap<number, number | null> {
  const latest = flakes.map(({ id, review }) => [id, review?.id ?? null] as const);
  return new Map([...desk.known, ...latest]);
}
