import { api, got, type Schemas } from "~/api/client";

type FlakeOptics = Schemas["FlakeOptics"];

const answers = new Map<number, Promise<FlakeOptics>>();
const MOST_KEPT = 50;

/** How a flake's layers were read; asked for once, also ahead of being looked at. */
export function fetchOptics(flake_id: number): Promise<FlakeOptics> {
  const kept = answers.get(flake_id);
  if (kept) return kept;
  const params = { path: { flake_id } };
  const asked = got(api.GET("/v1/flakes/{flake_id}/optics", { params })) as Promise<FlakeOptics>;
  answers.set(flake_id, asked);
  // What failed is asked for again when somebody looks.
  asked.catch(() => answers.delete(flake_id));
  for (const oldest of [...answers.keys()].slice(0, -MOST_KEPT)) answers.delete(oldest);
  return asked;
}
