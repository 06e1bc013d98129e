import { api, got } from "~/api/client";
import { useEvents } from "~/api/events";
import type { Loaded } from "~/api/loaded";
import { withLabel } from "~/pages/map/chart";
import type { Label, MapFlakes } from "~/pages/map/types";
import { mayOverride, noteOwn, overridden } from "~/parts/overriding";
import { announce, showProblem } from "~/parts/toast";
import { makeStore } from "~/store";

/** Which flake was judged last, so that its details are read again. */
export const judged = makeStore<{ id: number; round: number } | null>(null);

export function noteJudged(id: number): void {
  judged.set({ id, round: (judged.get()?.round ?? 0) + 1 });
}

/** Follow what others say of the flakes on this map. */
export function useOthersVerdicts(scanId: number, flakes: Loaded<MapFlakes>): void {
  useEvents("reviewed", ({ scan_id, reviews }) => {
    if (scan_id !== scanId || !flakes.value) return;
    const changed = reviews.reduce(
      (all, { flake_id, label }) => withLabel(all, flake_id, label),
      flakes.value,
    );
    if (changed !== flakes.value) flakes.set(changed);
    for (const { flake_id } of reviews) noteJudged(flake_id);
  });
}

/** Say what the chosen flake is; null takes back what was said last. */
export function useVerdict(flakes: Loaded<MapFlakes>, id: number | null) {
  return async (label: Label | null, layers: number | null = null): Promise<void> => {
    if (id === null) return;
    try {
      if (label !== null && !(await isMeant(id, label))) return;
      const flake = await save(id, label, layers);
      if (flake.review) noteOwn([flake.review.id]);
      const latest = flake.review?.label ?? null;
      if (flakes.value) flakes.set(withLabel(flakes.value, id, latest));
      noteJudged(id);
      announce(`Flake ${id}: ${latest?.replace("_", " ") ?? "no verdict"}`);
    } catch (error) {
      showProblem(error);
    }
  };
}

/** The map's columns do not say who judged a flake. */
async function isMeant(flake_id: number, label: Label): Promise<boolean> {
  const { review } = await got(
    api.GET("/v1/flakes/{flake_id}", { params: { path: { flake_id } } }),
  );
  return mayOverride(overridden([review], label), label);
}

function save(flake_id: number, label: Label | null, layers: number | null) {
  const params = { path: { flake_id } };
  return label === null
    ? got(api.DELETE("/v1/flakes/{flake_id}/review", { params }))
    : got(api.PUT("/v1/flakes/{flake_id}/review", { params, body: { label, layers } }));
}
