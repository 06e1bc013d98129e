/** How a flake is drawn: colour, and beside it width, dash and shape, which need no colour. */
import { countsAsGraphene } from "~/pages/map/choice";
import type { ColourBy } from "~/pages/map/place";
import type { MapFlakes } from "~/pages/map/types";
import { colourOfClass, colourOfLayers, colourOfShare } from "~/parts/colours";

export type Shape = "disc" | "square" | "ring" | "cross" | "triangle";

export interface Look {
  key: string;
  /** In the legend. */
  name: string;
  colour: string;
  widthPx: number;
  dash: readonly number[];
  /** Of the point that stands for it from afar. */
  shape: Shape;
  /** Later ones are drawn over earlier ones. */
  rank: number;
}

const CLASSES: readonly Look[] = [
  {
    key: "other",
    name: "other",
    colour: colourOfClass("other"),
    widthPx: 1.25,
    dash: [4, 3],
    shape: "square",
    rank: 0,
  },
  {
    key: "reviewed-other",
    name: "other, reviewed",
    colour: colourOfClass("reviewed-other"),
    widthPx: 2,
    dash: [2, 4],
    shape: "cross",
    rank: 1,
  },
  {
    key: "graphene",
    name: "graphene",
    colour: colourOfClass("graphene"),
    widthPx: 2,
    dash: [],
    shape: "disc",
    rank: 2,
  },
  {
    key: "unsure",
    name: "unsure, reviewed",
    colour: colourOfClass("unsure"),
    widthPx: 2.5,
    dash: [9, 3, 2, 3],
    shape: "triangle",
    rank: 3,
  },
  {
    key: "reviewed-graphene",
    name: "graphene, reviewed",
    colour: colourOfClass("reviewed-graphene"),
    widthPx: 3.5,
    dash: [],
    shape: "ring",
    rank: 4,
  },
];

const LAYER_DASHES: readonly number[][] = [[], [9, 3], [3, 3], [9, 3, 2, 3]];
const LAYER_SHAPES: readonly Shape[] = ["disc", "triangle", "square", "cross"];

const LAYERS: readonly Look[] = [null, 5, 4, 3, 2, 1].map((layers, rank) => ({
  key: String(layers),
  name: layers === null ? "layers unknown" : layersName(layers),
  colour: colourOfLayers(layers),
  widthPx: layers === null ? 1 : 2.25,
  dash: LAYER_DASHES[(layers ?? 0) - 1] ?? [2, 5],
  shape: LAYER_SHAPES[(layers ?? 0) - 1] ?? "square",
  rank,
}));

function layersName(layers: number): string {
  if (layers > 4) return "5 or more layers";
  return layers === 1 ? "1 layer" : `${layers} layers`;
}

// Wider where the model is surer.
const SHARES: readonly Look[] = [0, 1, 2, 3, 4].map((step) => ({
  key: String(step),
  name: `p ${(step / 5).toFixed(1)} to ${((step + 1) / 5).toFixed(1)}`,
  colour: colourOfShare(step / 4),
  widthPx: 1 + step * 0.6,
  dash: step < 2 ? [3, 3] : [],
  shape: step < 2 ? "square" : "disc",
  rank: step,
}));

const LOOKS: Record<ColourBy, readonly Look[]> = { class: CLASSES, layers: LAYERS, p: SHARES };

/** All looks, those that are drawn first come first. */
export function looksOf(colourBy: ColourBy): readonly Look[] {
  return LOOKS[colourBy];
}

/** Which of `looksOf(colourBy)` a flake has. */
export function lookOf(flakes: MapFlakes, at: number, colourBy: ColourBy): number {
  return PLACES[colourBy](flakes, at);
}

const PLACES: Record<ColourBy, (flakes: MapFlakes, at: number) => number> = {
  class: (flakes, at) => {
    const label = flakes.label[at];
    if (label === "unsure") return 3;
    const isGraphene = countsAsGraphene(flakes, at);
    if (label) return isGraphene ? 4 : 1;
    return isGraphene ? 2 : 0;
  },
  layers: ({ layers }, at) => {
    const count = layers[at];
    return count == null ? 0 : 6 - Math.min(Math.max(count, 1), 5);
  },
  p: ({ p_graphene }, at) => Math.min(Math.floor((p_graphene[at] ?? 0) * 5), 4),
};
