import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "~/api/problem";

/** One page of a list, as the API gives it. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
  total_is_exact?: boolean;
}

/** A list that is read page by page. */
export interface Pages<T> {
  items: readonly T[];
  /** undefined where the list does not count itself. */
  total: number | undefined;
  /** false: there are more than `total`. */
  isExact: boolean;
  hasMore: boolean;
  isLoading: boolean;
  problem: Problem | undefined;
  /** Read the next page. */
  more: () => void;
  /** Start again from the first. */
  reload: () => void;
  /** Change items in place: what a review has answered. */
  change: (each: (item: T) => T) => void;
}

interface State<T> {
  /** The list that was asked for. */
  key: string;
  items: T[];
  cursor: string | null;
  hasMore: boolean;
  total: number | undefined;
  isExact: boolean;
}

function nothingOf<T>(key: string): State<T> {
  return { key, items: [], cursor: null, hasMore: true, total: undefined, isExact: true };
}

/**
 * Read a list page by page, from the start whenever `key` changes. A short page is not the last:
 * only a missing `next_cursor` ends a list.
 */
export function usePages<T>(
  key: string,
  load: (cursor: string | null) => Promise<Page<T>>,
): Pages<T> {
  const [state, setState] = useState<State<T>>(() => nothingOf(key));
  const [isLoading, setLoading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  // Answers to an older question are dropped.
  const asked = useRef(0);

  const read = useCallback((from: State<T>) => {
    asked.current += 1;
    const mine = asked.current;
    const isWanted = () => mine === asked.current;
    setLoading(true);
    setProblem(undefined);
    latest
      .current(from.cursor)
      .then((page) => isWanted() && setState((old) => joined(from.cursor ? old : from, page)))
      .catch((error) => isWanted() && setProblem(asProblem(error)))
      .finally(() => isWanted() && setLoading(false));
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` and `round` ask anew
  useEffect(() => {
    const start = nothingOf<T>(key);
    setState(start);
    read(start);
    return () => {
      asked.current += 1;
    };
  }, [key, round, read]);

  // Between a new key and its effect the old list must not be shown under the new name.
  const isOld = state.key !== key;
  const shown = isOld ? nothingOf<T>(key) : state;
  return {
    items: shown.items,
    total: shown.total,
    isExact: shown.isExact,
    hasMore: shown.hasMore,
    isLoading: isLoading || isOld,
    problem: isOld ? undefined : problem,
    more: () => state.hasMore && !isLoading && !isOld && read(state),
    reload: useCallback(() => setRound((old) => old + 1), []),
    change: useCallback(
      (each: (item: T) => T) => setState((old) => ({ ...old, items: old.items.map(each) })),
      [],
    ),
  };
}

function joined<T>(old: State<T>, page: Page<T>): State<T> {
  return {
    key: old.key,
    items: [...old.items, ...page.items],
    cursor: page.next_cursor,
    hasMore: page.next_cursor !== null,
    total: page.total,
    isExact: page.total_is_exact ?? true,
  };
}
