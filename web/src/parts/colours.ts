/**
 * Colours that stand for something. Told apart with every common colour blindness (Okabe-Ito and
 * viridis), and never alone: a legend or a word stands beside them.
 */

/** The value of a colour of `tokens.css`, for canvases: `token("--layers-1")`. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** What a flake is taken for. */
export type FlakeClass = "graphene" | "other" | "reviewed-graphene" | "reviewed-other" | "unsure";

// Bright enough for a microscope picture, which is where outlines lie, in light and dark alike.
const CLASSES: Record<FlakeClass, string> = {
  graphene: "#56b4e9",
  other: "#e69f00",
  "reviewed-graphene": "#0090ff",
  "reviewed-other": "#d55e00",
  unsure: "#f0e442",
};

export function colourOfClass(kind: FlakeClass): string {
  return CLASSES[kind];
}

const LAYERS = ["#56b4e9", "#2ec99c", "#f0b82e", "#f08238"];
const MORE_LAYERS = "#cc79a7";
const UNKNOWN_LAYERS = "#b5aebf";

/** On pictures; text in the page uses `--layers-N`. */
export function colourOfLayers(layers: number | null): string {
  if (layers === null) return UNKNOWN_LAYERS;
  return LAYERS[layers - 1] ?? MORE_LAYERS;
}

// Viridis at 0, 0.25, ... 1: lightness rises evenly, so it reads in grey, too. It begins above
// its darkest part, which nobody sees on a dark ground.
const VIRIDIS = [
  [72, 60, 140],
  [46, 110, 142],
  [31, 158, 137],
  [110, 206, 88],
  [253, 231, 37],
] as const;

/** Colour of a share between 0 and 1: confidence. */
export function colourOfShare(share: number): string {
  const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1);
  const low = VIRIDIS[Math.floor(at)] ?? VIRIDIS[0];
  const high = VIRIDIS[Math.ceil(at)] ?? low;
  const rest = at - Math.floor(at);
  const mixed = low.map((value, index) => Math.round(value + rest * ((high[index] ?? 0) - value)));
  return `rgb(${mixed.join(", ")})`;
}

/** Lines of a plot, in this order; each also has its own dash. */
export const SERIES = ["--layers-1", "--layers-4", "--layers-2", "--layers-3"] as const;
export const DASHES: readonly (number[] | undefined)[] = [undefined, [6, 4], [2, 3], [8, 3, 2, 3]];
