import { api, asProblem, got, type Problem } from "~/api/client";
import { sessionStore } from "~/api/session";
import { noteOwn } from "~/parts/overriding";
import { announce, showProblem } from "~/parts/toast";
import { makeStore } from "~/store";
import { EMPTY, type Flake, refused, saved, started, undone, type Verdict } from "./desk";
import { saidWords, undoneWords } from "./words";

/** Outlives a look at another page: what was said can be undone when one comes back. */
export const deskStore = makeStore(EMPTY);

/** The last thing that happened, in words; it is shown and read aloud. */
export const saidStore = makeStore("");

// One after the other: two verdicts on one flake must arrive in the order in which they were
// given, and an undo after the verdict that it takes back.
let last: Promise<unknown> = Promise.resolve();
let keys = 0;

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const mine = last.then(task);
  last = mine.catch(() => undefined);
  return mine;
}

function tell(text: string): void {
  saidStore.set(text);
  announce(text);
}

/** Give flakes a verdict; `change` gets them as the service has saved them. */
export function give(
  flakes: readonly Flake[],
  verdict: Verdict,
  change: (flakes: readonly Flake[]) => void,
): Promise<void> {
  keys += 1;
  const key = keys;
  const ids = flakes.map(({ id }) => id);
  const reviewer = sessionStore.get()?.name ?? "";
  const review = { ...verdict, id: -key, reviewer, created_at: new Date().toISOString() };
  deskStore.set(started(deskStore.get(), { key, ids, review }));
  tell(saidWords(ids, verdict));
  return inTurn(async () => {
    try {
      const after = await send(ids, verdict);
      change(after);
      const desk = saved(deskStore.get(), key, flakes, after);
      noteOwn(desk.trail.at(-1)?.reviews.values() ?? []);
      deskStore.set(desk);
    } catch (error) {
      deskStore.set(refused(deskStore.get(), key));
      tell(`Not saved: ${saidWords(ids, verdict)}`);
      showProblem(error);
    }
  });
}

async function send(ids: readonly number[], verdict: Verdict): Promise<Flake[]> {
  const [flake_id] = ids;
  if (ids.length === 1 && flake_id !== undefined) {
    const params = { path: { flake_id } };
    const body = verdict;
    return [(await got(api.PUT("/v1/flakes/{flake_id}/review", { params, body }))) as Flake];
  }
  const body = { flake_ids: [...ids], ...verdict };
  return (await got(api.POST("/v1/reviews", { body }))).items as Flake[];
}

/** Take the last verdict back; the ids of the flakes that lost it. */
export function undo(change: (flakes: readonly Flake[]) => void): Promise<number[]> {
  return inTurn(async () => {
    const done = deskStore.get().trail.at(-1);
    if (!done) {
      tell("Nothing to undo in this session.");
      return [];
    }
    tell("Undoing\u2026");
    const { flakes, rest, kept, problem } = await takeBack(done.reviews);
    change(flakes);
    deskStore.set(undone(deskStore.get(), flakes, rest));
    const ids = flakes.map(({ id }) => id);
    tell(undoneWords(ids, kept));
    if (problem) showProblem(problem);
    return ids;
  });
}

interface Taken {
  flakes: Flake[];
  /** What failed and may be tried again. */
  rest: Map<number, number>;
  /** Flakes of which somebody has said something since. */
  kept: number[];
  problem: Problem | undefined;
}

async function takeBack(reviews: ReadonlyMap<number, number>): Promise<Taken> {
  const body = { review_ids: [...reviews.values()] };
  try {
    const { items, kept } = await got(api.POST("/v1/reviews/undo", { body }));
    return { flakes: items as Flake[], rest: new Map(), kept, problem: undefined };
  } catch (error) {
    // All or none: it may be tried again.
    return { flakes: [], rest: new Map(reviews), kept: [], problem: asProblem(error) };
  }
}
