import { useEffect, useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { type Loaded, useLoaded } from "~/api/loaded";
import { isOver, needsReload, type Training, withEvent } from "~/pages/trainings/training";

// Where the state changes, several events come at once.
const SETTLE_MS = 200;
// An event may be lost with the connection, and no event tells whether a trainer lives.
const ASK_MS = 15_000;

/** All trainings as they are, epoch by epoch. */
export function useTrainings(): Loaded<{ items: Training[] }> {
  const list = useLoaded("trainings", () => got(api.GET("/v1/trainings")));
  useFollowed(list.value?.items ?? [], list.reload, (change) => {
    if (list.value) list.set({ items: list.value.items.map(change) });
  });
  return list;
}

/** One training as it is, epoch by epoch. */
export function useTraining(id: number): Loaded<Training> {
  const params = { path: { training_id: id } };
  const one = useLoaded(String(id), () => got(api.GET("/v1/trainings/{training_id}", { params })));
  useFollowed(
    one.value ? [one.value] : [],
    one.reload,
    (change) => {
      if (one.value) one.set(change(one.value));
    },
    id,
  );
  return one;
}

function useFollowed(
  known: readonly Training[],
  reload: () => void,
  change: (each: (training: Training) => Training) => void,
  only?: number,
): void {
  const [isStale, setStale] = useState(0);
  useEvents("training", (event) => {
    if (only !== undefined && event.training_id !== only) return;
    if (needsReload(known, event)) setStale((old) => old + 1);
    change((training) => withEvent(training, event));
  });
  useReopened(reload);
  useEffect(() => {
    if (isStale === 0) return;
    const timer = setTimeout(reload, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isStale, reload]);
  const isAwaited = known.some((training) => !isOver(training));
  useEffect(() => {
    if (!isAwaited) return;
    const timer = setInterval(reload, ASK_MS);
    return () => clearInterval(timer);
  }, [isAwaited, reload]);
}

/** Seconds since `mark` last changed, counted while it is wanted. */
export function useSeconds(mark: unknown, isWanted: boolean): number {
  const [seconds, setSeconds] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another mark begins at 0
  useEffect(() => {
    setSeconds(0);
    if (!isWanted) return;
    const since = Date.now();
    const timer = setInterval(() => setSeconds((Date.now() - since) / 1000), 1000);
    return () => clearInterval(timer);
  }, [mark, isWanted]);
  return seconds;
}
