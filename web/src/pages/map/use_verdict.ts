import { api, got } from "~/api/client";
import type { Loaded } from "~/api/loaded";
import { withLabel } from "~/pages/map/chart";
import type { Label, MapFlakes } from "~/pages/map/types";
import { announce, showProblem } from "~/parts/toast";
import { makeStore } from "~/store";

/** Which flake was judged last, so that its details are read again. */
export const judged = makeStore<{ id: number; round: number } | null>(null);

/** Say what the chosen flake is; null takes back what was said last. */
export function useVerdict(flakes: Loaded<MapFlakes>, id: number | null) {
  return async (label: Label | null): Promise<void> => {
    if (id === null) return;
    try {
      const flake = await save(id, label);
      const latest = flake.review?.label ?? null;
      if (flakes.value) flakes.set(withLabel(flakes.value, id, latest));
      judged.set({ id, round: (judged.get()?.round ?? 0) + 1 });
      announce(`Flake ${id}: ${latest?.replace("_", " ") ?? "no verdict"}`);
    } catch (error) {
      showProblem(error);
    }
  };
}

function save(flake_id: number, label: Label | null) {
  const params = { path: { flake_id } };
  return label === null
    ? got(api.DELETE("/v1/flakes/{flake_id}/review", { params }))
    : got(api.PUT("/v1/flakes/{flake_id}/review", { params, body: { label } }));
}
