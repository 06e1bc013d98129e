import type { Schemas } from "~/api/client";

export type Model = Schemas["ModelVersion"];

/** One figure; null where nobody measured it, or where it has no interval. */
export interface Figure {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Two versions on the same crops, as the gate compared them: balanced accuracy. */
export interface Compared {
  crops: number | null;
  active: number | null;
  candidate: number | null;
  /** 95 % interval of candidate - active. */
  low: number | null;
  high: number | null;
}

/** What the gate said last of a version. */
export interface Gate {
  reasons: string[];
  isForced: boolean;
  who: string | null;
  at: string | null;
  comparedWith: string | null;
  msPerCrop: number | null;
  holdout: Compared | null;
  reviews: Compared | null;
}

type Fields = Record<string, unknown>;

/** What the API leaves open is read with care: a version of another lab may hold anything. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" && value ? value : null;
}

/** A figure as reports have it, `{value, low, high}`, or a bare number. */
export function figureOf(value: unknown): Figure {
  const bare = numberOf(value);
  if (bare !== null) return { value: bare, low: null, high: null };
  const { value: own, low, high, group_low, group_high } = fieldsOf(value);
  // Over whole chips where it is known: the wider and the more honest one.
  const isGrouped = numberOf(group_low) !== null && numberOf(group_high) !== null;
  return {
    value: numberOf(own),
    low: numberOf(isGrouped ? group_low : low),
    high: numberOf(isGrouped ? group_high : high),
  };
}

export function gateOf({ gate }: Pick<Model, "gate">): Gate | null {
  if (!gate) return null;
  const { reasons, forced, who, at, figures } = gate;
  const measured = fieldsOf(figures);
  return {
    reasons: Array.isArray(reasons) ? reasons.map(String) : [],
    isForced: forced === true,
    who: textOf(who),
    at: textOf(at),
    comparedWith: textOf(measured.compared_with),
    msPerCrop: numberOf(measured.ms_per_crop),
    holdout: comparedOf(measured.holdout),
    reviews: comparedOf(measured.reviews),
  };
}

function comparedOf(value: unknown): Compared | null {
  const fields = fieldsOf(value);
  const candidate = numberOf(fields.candidate);
  if (candidate === null) return null;
  return {
    candidate,
    crops: numberOf(fields.crops),
    active: numberOf(fields.active),
    low: numberOf(fields.low),
    high: numberOf(fields.high),
  };
}

/** Largest difference between the exported file and the network that was trained. */
export function parityOf(model: Pick<Model, "metrics">): number | null {
  return numberOf(model.metrics.parity_difference);
}

/** The training of this lab that it came from. */
export function trainingOf(model: Pick<Model, "provenance">): number | null {
  return numberOf(model.provenance.training_id);
}

/** Where a version came from, in words. */
export function originOf(model: Pick<Model, "provenance" | "created_by">): string {
  const training = trainingOf(model);
  if (training !== null) return `training ${training}`;
  return model.created_by ? "uploaded" : "came with the service";
}

/** F1 of what its own training held out, of the lab's flakes where there were any. */
export function ownF1(model: Pick<Model, "metrics">): (Figure & { set: string }) | null {
  const sets = fieldsOf(model.metrics.figures);
  for (const set of ["lab", "replay"]) {
    const figure = figureOf(fieldsOf(fieldsOf(sets[set]).figures).f1);
    if (figure.value !== null) return { ...figure, set };
  }
  return null;
}

/**
 * Balanced accuracy of each version on the holdout, as gates have measured it: of the version that
 * was asked for, and of the one that it was compared with.
 */
export function onHoldout(models: readonly Model[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const model of models) {
    const gate = gateOf(model);
    const { active, candidate } = gate?.holdout ?? {};
    if (gate?.comparedWith && active != null) found.set(gate.comparedWith, active);
    if (candidate != null) found.set(model.version, candidate);
  }
  return found;
}

/** Enough of a digest to tell two apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, "").slice(0, 8);
}

/** Three digits behind the point: differences below that are chance on a few hundred crops. */
export function share(value: number | null | undefined): string {
  return value == null ? "unknown" : value.toFixed(3);
}

/** "0.912 to 0.967"; empty where there is no interval. */
export function interval({ low, high }: Pick<Figure, "low" | "high">): string {
  return low === null || high === null ? "" : `${share(low)} to ${share(high)}`;
}

/** A difference of probabilities: "7e-7", with a hyphen at which no line breaks. */
export function tiny(value: number | null): string {
  if (value === null) return "unknown";
  return value === 0 ? "0" : value.toExponential(1).replace(".0e", "e").replace("-", "\u2011");
}

export function ms(value: number | null | undefined): string {
  return value == null ? "unknown" : `${Number(value.toPrecision(2))} ms`;
}
