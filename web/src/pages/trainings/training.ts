import type { Schemas } from "~/api/client";
import type { EventKinds } from "~/api/event_kinds";
import { type Figure, fieldsOf, figureOf, numberOf, textOf } from "~/pages/models/facts";

export type Training = Schemas["Training"];
export type Epoch = Schemas["Epoch"];
type Happened = EventKinds["training"];

export const BADGES: Record<string, string> = {
  done: "is-good",
  failed: "is-bad",
  cancelled: "is-warn",
};

export function isOver({ state }: Pick<Training, "state">): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** How many epochs it will have, as it was asked for. */
export function epochsOf({ config, epochs }: Pick<Training, "config" | "epochs">): number | null {
  return epochs.at(-1)?.epochs ?? numberOf(config.epochs);
}

export function networkOf({ config }: Pick<Training, "config">): string {
  return textOf(config.architecture) ?? "unknown";
}

/** What it goes on from, in words. */
export function baseOf({ config }: Pick<Training, "config">): string {
  const base = textOf(config.base_model);
  return base === null || base === "scratch" ? "random weights" : base;
}

/** A length of time: "3 min". */
export function span(seconds: number | null | undefined): string {
  if (seconds == null || !Number.isFinite(seconds)) return "unknown";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How much time is left; counted down from the end of the last epoch. */
export function leftOf(training: Training, sinceS: number): string {
  if (training.state !== "running") return "";
  const left = training.epochs.at(-1)?.left_s;
  if (left == null) return "not known before the first epoch";
  return left > sinceS ? `about ${span(left - sinceS)}` : "any moment";
}

/** The training after what an event tells; the same one where it is of another. */
export function withEvent(training: Training, event: Happened): Training {
  if (event.training_id !== training.id) return training;
  const epoch = epochOf(event.epoch);
  const others = training.epochs.filter(({ number }) => number !== epoch?.number);
  return {
    ...training,
    state: event.state,
    reason: event.reason,
    model_version: event.model_version,
    epochs: epoch ? [...others, epoch].sort((a, b) => a.number - b.number) : training.epochs,
  };
}

function epochOf(told: Happened["epoch"]): Epoch | null {
  const fields = fieldsOf(told);
  const number = numberOf(fields.number);
  const epochs = numberOf(fields.epochs);
  const loss = numberOf(fields.training_loss);
  if (number === null || epochs === null || loss === null) return null;
  return {
    number,
    epochs,
    training_loss: loss,
    validation_loss: numberOf(fields.validation_loss),
    f1: numberOf(fields.f1),
    took_s: numberOf(fields.took_s) ?? 0,
    left_s: numberOf(fields.left_s) ?? 0,
  };
}

/** Whether what an event tells cannot be shown without asking anew. */
export function needsReload(trainings: readonly Training[], event: Happened): boolean {
  const known = trainings.find(({ id }) => id === event.training_id);
  // Results, reports and times of beginning and end are not part of events.
  return !known || known.state !== event.state;
}

/** A figure of the new network beside the one that it began with, on the same crops. */
export interface Gained {
  name: string;
  now: Figure;
  before: number | null;
}

export interface JudgedSet {
  title: string;
  graphene: number | null;
  other: number | null;
  gained: Gained[];
}

const SETS: Record<string, string> = {
  lab: "Flakes of this lab that it had not seen",
  replay: "Rendered crops that it had not seen",
};

const NAMES: Record<string, string> = {
  accuracy: "Accuracy",
  precision: "Precision",
  recall: "Recall",
  f1: "F1",
  false_alarms: "False alarms",
  roc_auc: "Area under ROC",
  average_precision: "Average precision",
  brier: "Brier score",
  calibration_error: "Calibration error",
};

/** What a training has come to, set by set. */
export function judgedSets({ result }: Pick<Training, "result">): JudgedSet[] {
  const { figures, before } = fieldsOf(result);
  return Object.entries(fieldsOf(figures)).map(([set, judged]) => {
    const fields = fieldsOf(judged);
    const earlier = fieldsOf(fieldsOf(before)[set]);
    return {
      title: SETS[set] ?? set,
      graphene: numberOf(fields.positives),
      other: numberOf(fields.negatives),
      gained: Object.entries(fieldsOf(fields.figures)).map(([name, figure]) => ({
        name: NAMES[name] ?? name,
        now: figureOf(figure),
        before: numberOf(earlier[name]),
      })),
    };
  });
}

/** Remarks of a training on its own figures. */
export function notesOf({ result }: Pick<Training, "result">): string[] {
  const { notes } = fieldsOf(result);
  return Array.isArray(notes) ? notes.map(String) : [];
}

/** What it has learned from, in words; null before it has ended. */
export function learnedFrom({ result }: Pick<Training, "result">): string | null {
  const { lab_graphene, lab_other, replay } = fieldsOf(fieldsOf(result).examples);
  if (numberOf(lab_graphene) === null) return null;
  return `${lab_graphene} graphene and ${lab_other} other of the lab, ${replay} rendered crops`;
}
