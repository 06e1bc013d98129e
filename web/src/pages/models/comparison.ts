import type { Schemas } from "~/api/client";

export type Curves = Schemas["ModelCurves"];
type Name = keyof Curves["figures"];

/** A row of the comparison. */
export interface Kind {
  name: Name;
  label: string;
  /** For who does not know the word. */
  meaning: string;
  isLessBetter?: boolean;
}

export const KINDS: readonly Kind[] = [
  {
    name: "balanced_accuracy",
    label: "Balanced accuracy",
    meaning: "mean of the share of graphene found and of other refused; what the gate compares",
  },
  { name: "recall", label: "Recall", meaning: "share of the graphene that is found" },
  {
    name: "precision",
    label: "Precision",
    meaning: "share of graphene in what is called graphene",
  },
  { name: "f1", label: "F1", meaning: "harmonic mean of precision and recall" },
  {
    name: "false_alarm_rate",
    label: "False alarms",
    meaning: "share of everything else that is called graphene",
    isLessBetter: true,
  },
  { name: "accuracy", label: "Accuracy", meaning: "share of right verdicts" },
  { name: "roc_auc", label: "Area under ROC", meaning: "over all thresholds; 0.5 is chance" },
  {
    name: "average_precision",
    label: "Average precision",
    meaning: "area under precision and recall",
  },
  {
    name: "brier",
    label: "Brier score",
    meaning: "mean squared error of p",
    isLessBetter: true,
  },
  {
    name: "calibration_error",
    label: "Calibration error",
    meaning: "mean distance of p from the share that is graphene",
    isLessBetter: true,
  },
];

/** What is shown; smaller differences are no differences. */
const DIGITS = 3;

/** Which of the values are the best one; none where all are alike, or only one is known. */
export function bestOf(values: readonly (number | null)[], isLessBetter = false): boolean[] {
  const shown = values.map((value) => (value === null ? null : Number(value.toFixed(DIGITS))));
  const known = shown.filter((value) => value !== null);
  const best = isLessBetter ? Math.min(...known) : Math.max(...known);
  const isTold = known.length > 1 && known.some((value) => value !== best);
  return shown.map((value) => isTold && value === best);
}

/** Whether figures may be set side by side: the same crops, by name and number. */
export function isSameCrops(curves: readonly Curves[]): boolean {
  const keys = curves.map(({ name, graphene, other }) => `${name} ${graphene} ${other}`);
  return new Set(keys).size <= 1;
}

/** Wilson's 95 % interval of a share of counts; it holds for few counts, too. */
export function wilson(hits: number, of: number): [low: number, high: number] | null {
  if (of <= 0) return null;
  const z = 1.96;
  const share = hits / of;
  const wide = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  const middle = share + (z * z) / (2 * of);
  return [Math.max((middle - wide) / scale, 0), Math.min((middle + wide) / scale, 1)];
}

/** The interval of a figure that is a plain share of counts; null for all others. */
export function intervalOf(name: Name, { confusion }: Pick<Curves, "confusion">) {
  const { true_graphene, missed, false_alarms, true_other } = confusion;
  const all = true_graphene + missed + false_alarms + true_other;
  const counts: Partial<Record<Name, [number, number]>> = {
    recall: [true_graphene, true_graphene + missed],
    precision: [true_graphene, true_graphene + false_alarms],
    false_alarm_rate: [false_alarms, false_alarms + true_other],
    accuracy: [true_graphene + true_other, all],
  };
  const counted = counts[name];
  return counted ? wilson(...counted) : null;
}

/** The versions in an address: those that there are, each once, at most four. */
export function chosenOf(text: string | null, known: readonly string[]): string[] {
  const asked = new Set((text ?? "").split(",").filter((one) => known.includes(one)));
  return [...asked].slice(0, MOST_COMPARED);
}

/** As many lines as the plots tell apart. */
export const MOST_COMPARED = 4;
