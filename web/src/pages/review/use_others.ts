/** What other people say of the flakes that are shown here. */
import { api, asProblem, got } from "~/api/client";
import type { EventKinds } from "~/api/event_kinds";
import { useEvents, useReopened } from "~/api/events";
import { isOfOthers, isOpposite } from "~/parts/overriding";
import { showProblem, toast } from "~/parts/toast";
import type { Flake } from "./desk";
import type { List } from "./list";

// A verdict on many is shown on what is looked at; the rest is read when it comes into the list.
const MOST_READ = 60;

/** Read flakes anew that somebody has judged; say so where it is the opposite of what was shown. */
export function useOthersVerdicts(list: List): void {
  const read = async (ids: readonly number[]) => {
    try {
      const flakes = await Promise.all(ids.slice(0, MOST_READ).map(readFlake));
      tellOpposite(list, flakes);
      list.change(flakes);
    } catch (error) {
      // One that is gone since is no news.
      if (asProblem(error).status !== 404) showProblem(error);
    }
  };
  useEvents("reviewed", (event) => read(news(list, event)));
  useReopened(() => read(list.items.map(({ flake }) => flake.id)));
}

async function readFlake(flake_id: number): Promise<Flake> {
  return (await got(api.GET("/v1/flakes/{flake_id}", { params: { path: { flake_id } } }))) as Flake;
}

/** Those in the list that show another verdict than the one that counts now. */
function news(list: List, { reviews }: EventKinds["reviewed"]): number[] {
  const shown = new Map(list.items.map(({ flake }) => [flake.id, flake.review]));
  return reviews
    .filter(({ flake_id, ...now }) => {
      if (!shown.has(flake_id)) return false;
      const old = shown.get(flake_id);
      return (
        old?.label !== now.label || old?.reviewer !== now.reviewer || old?.layers !== now.layers
      );
    })
    .map(({ flake_id }) => flake_id);
}

function tellOpposite(list: List, flakes: readonly Flake[]): void {
  const shown = new Map(list.items.map(({ flake }) => [flake.id, flake.review?.label ?? null]));
  for (const { id, review } of flakes) {
    const before = shown.get(id) ?? null;
    if (review && isOfOthers(review) && isOpposite(before, review.label)) {
      toast(`${review.reviewer} now says ${review.label.replace("_", " ")} of flake ${id}.`);
    }
  }
}
