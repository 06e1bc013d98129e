import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "~/api/problem";

/** Something asked for: its value, or why there is none. A value stays while it is asked again. */
export interface Loaded<T> {
  value: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  /** Ask again, now. */
  reload: () => void;
  /** Show another value without asking: what a change has answered. */
  set: (value: T) => void;
}

interface State<T> {
  key: string;
  value: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
}

/**
 * Ask for something when the component appears and whenever `key` changes.
 * An answer that comes after a newer question is dropped.
 */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<State<T>>(() => startOf(key));
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is what asking again changes
  useEffect(() => {
    let isWanted = true;
    const finish = (change: Partial<State<T>>) => {
      if (isWanted) setState((old) => ({ ...old, key, ...change, isLoading: false }));
    };
    setState((old) => (old.key === key ? { ...old, isLoading: true } : startOf(key)));
    latest.current().then(
      (value) => finish({ value, problem: undefined }),
      (error) => finish({ problem: asProblem(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [key, round]);

  const reload = useCallback(() => setRound((old) => old + 1), []);
  const set = useCallback(
    (value: T) => setState((old) => ({ ...old, value, problem: undefined })),
    [],
  );
  // Between a new key and its effect the old value must not be shown under the new name.
  const shown = state.key === key ? state : startOf<T>(key);
  const { value, problem, isLoading } = shown;
  return { value, problem, isLoading, reload, set };
}

function startOf<T>(key: string): State<T> {
  return { key, value: undefined, problem: undefined, isLoading: true };
}
