import type { Schemas } from "~/api/client";

type NewTraining = Schemas["NewTraining"];
type Dataset = Schemas["Dataset"];

/** What the form holds: numbers as they are typed. */
export interface Asked {
  reviews: boolean;
  datasets: readonly number[];
  architecture: string;
  /** "" = the active one, "scratch" = none. */
  base: string;
  epochs: string;
  optimizer: string;
  learningRate: string;
  seed: string;
  note: string;
}

export const USUAL: Asked = {
  reviews: true,
  datasets: [],
  architecture: "flakenet",
  base: "",
  epochs: "6",
  optimizer: "adamw",
  learningRate: "0.0003",
  seed: "0",
  note: "",
};

/** The only network whose weights can be read back out of a model version. */
export const WARM = "flakenet";

export const NETWORKS: readonly [name: string, words: string][] = [
  [WARM, "flakenet: small and quick, made for flakes (recommended)"],
  ["mobilenet_v3_small", "mobilenet_v3_small: small"],
  ["mobilenet_v2", "mobilenet_v2"],
  ["efficientnet_b0", "efficientnet_b0"],
  ["resnet50", "resnet50: large"],
  ["se_resnet", "se_resnet"],
  ["densenet121", "densenet121: large"],
  ["googlenet", "googlenet"],
  ["inception_v3", "inception_v3: large"],
  ["vgg16", "vgg16: very large and slow"],
  ["alexnet", "alexnet"],
  ["lenet5", "lenet5: very small"],
];

export const OPTIMIZERS = ["adamw", "adam", "momentum", "sgd", "rmsprop"] as const;

const MOST_EPOCHS = 200;

/** What is wrong with a number that was typed; null where it can be used. */
export function wrongEpochs(text: string): string | null {
  return isWhole(text, 1, MOST_EPOCHS) ? null : `A whole number from 1 to ${MOST_EPOCHS}.`;
}

export function wrongRate(text: string): string | null {
  const value = numberIn(text);
  return value >= 1e-7 && value <= 1 ? null : "A number from 0.0000001 to 1.";
}

export function wrongSeed(text: string): string | null {
  return isWhole(text, 0, 2 ** 31 - 1) ? null : "A whole number from 0 on.";
}

/** Why it cannot be started; null where it can. */
export function reasonAgainst(asked: Asked): string | null {
  if (!asked.reviews && asked.datasets.length === 0) {
    return "There is nothing to learn from: take the reviews, or a data set.";
  }
  const { epochs, learningRate, seed } = asked;
  const isWrong = wrongEpochs(epochs) ?? wrongRate(learningRate) ?? wrongSeed(seed);
  return isWrong && "A number in the form cannot be used.";
}

/** What the service is asked for. */
export function bodyOf(asked: Asked): NewTraining {
  return {
    architecture: asked.architecture,
    epochs: Number(asked.epochs),
    optimizer: asked.optimizer,
    learning_rate: numberIn(asked.learningRate),
    // Others begin anew whatever was chosen before.
    base_model: asked.architecture === WARM && asked.base ? asked.base : null,
    datasets: [...asked.datasets],
    reviews: asked.reviews,
    seed: Number(asked.seed),
    note: asked.note.trim() || null,
  };
}

/** What it will learn from and begin with, in one sentence. */
export function sentenceOf(
  asked: Asked,
  known: { reviewed: number | null; datasets: readonly Dataset[]; active: string | null },
): string {
  const parts: string[] = [];
  if (asked.reviews) parts.push(`${known.reviewed ?? "all"} reviewed flakes`);
  for (const { id, name, graphene, other } of known.datasets) {
    if (asked.datasets.includes(id)) parts.push(`${name} (${graphene} graphene, ${other} other)`);
  }
  const from = parts.length ? parts.join(" and ") : "nothing yet";
  return `It learns from ${from}; it begins with ${beginning(asked, known.active)}.`;
}

function beginning({ architecture, base }: Asked, active: string | null): string {
  if (architecture !== WARM || base === "scratch") return "random weights";
  return base || (active ?? "the active version");
}

function isWhole(text: string, low: number, high: number): boolean {
  const value = numberIn(text);
  return Number.isInteger(value) && value >= low && value <= high;
}

/** A decimal comma is a point. */
function numberIn(text: string): number {
  return text.trim() ? Number(text.replace(",", ".")) : Number.NaN;
}
