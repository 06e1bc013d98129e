/** What the form of a training knows, and what its parts get. */
import { api, got } from "~/api/client";
import type { Asked } from "~/pages/trainings/asked";

/** Everything that the form tells about: how many reviews, which data sets and versions. */
export async function readKnown() {
  const reviewed = { params: { query: { reviewed: true, limit: 1 } } };
  const [flakes, datasets, models] = await Promise.all([
    got(api.GET("/v1/flakes", reviewed)),
    got(api.GET("/v1/datasets")),
    got(api.GET("/v1/models")),
  ]);
  return {
    reviewed: flakes.total,
    datasets: datasets.items,
    models: models.items,
    active: models.items.find(({ is_active }) => is_active)?.version ?? null,
  };
}

export type KnownData = Awaited<ReturnType<typeof readKnown>>;

export interface FormProps {
  asked: Asked;
  known: KnownData;
  onChange: (change: Partial<Asked>) => void;
}
