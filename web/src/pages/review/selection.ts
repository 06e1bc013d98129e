/** Flakes that one verdict shall be given to. */
export interface Selection {
  ids: ReadonlySet<number>;
  /** Where a range begins: the one that was chosen last. */
  anchor: number | null;
}

/** As many as the service takes at once. */
export const MOST_AT_ONCE = 1000;

/** More than this are asked about before: nobody has looked at each. */
export const MOST_UNASKED = 20;

export const NONE: Selection = { ids: new Set(), anchor: null };

/** In, or out again. */
export function toggled(selection: Selection, id: number): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids: capped(ids), anchor: id };
}

/** With everything from the anchor (or `from`, where there is none) to `to`. */
export function extended(
  selection: Selection,
  order: readonly number[],
  from: number,
  to: number,
): Selection {
  const anchor = selection.anchor ?? from;
  const ends = [order.indexOf(anchor), order.indexOf(to)].sort((a, b) => a - b);
  const [low = 0, high = 0] = ends;
  const range = order.slice(Math.max(low, 0), high + 1);
  return { ids: capped([...selection.ids, ...range]), anchor };
}

/** All, or none where all are already. */
export function allOrNone(selection: Selection, order: readonly number[]): Selection {
  const all = capped(order);
  return [...all].every((id) => selection.ids.has(id)) ? NONE : { ids: all, anchor: null };
}

function capped(ids: Iterable<number>): Set<number> {
  return new Set([...new Set(ids)].slice(0, MOST_AT_ONCE));
}
