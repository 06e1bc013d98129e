import { api, asProblem, got, type Problem } from "~/api/client";
import type { Curves } from "~/pages/models/comparison";

/** Which crops: the fixed holdout, or the newest reviews of the lab. */
export type On = Curves["on"];

export interface Judged {
  curves: Curves[];
  /** Versions that could not be judged, and why. */
  problems: [version: string, problem: Problem][];
}

export function curvesOf(version: string, on: On): Promise<Curves> {
  const params = { path: { version }, query: { on } };
  return got(api.GET("/v1/models/{version}/curves", { params }));
}

/** Judge versions one after the other: each takes the service's processor for a second or more. */
export async function judge(
  versions: readonly string[],
  on: On,
  known: Map<string, Curves>,
): Promise<Judged> {
  const judged: Judged = { curves: [], problems: [] };
  for (const version of versions) {
    try {
      const curves = known.get(version) ?? (await curvesOf(version, on));
      known.set(version, curves);
      judged.curves.push(curves);
    } catch (error) {
      judged.problems.push([version, asProblem(error)]);
    }
  }
  return judged;
}
