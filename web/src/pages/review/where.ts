/** What is reviewed and how it is shown; all of it stands in the address, so that a link restores it. */

export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

/** Orders of the list; `-` = largest first. */
export const SORTS: Record<string, string> = {
  "-area_um2": "largest first",
  area_um2: "smallest first",
  "-p_graphene": "surest first",
  p_graphene: "least sure first",
  layers: "fewest layers first",
  "-layers": "most layers first",
  "-id": "newest first",
  id: "oldest first",
};

const USUAL_SORT = "-area_um2";

/** Which flakes. */
export interface Choice {
  /** `queue` = what teaches the network most; the filters are for `flakes`. */
  from: "queue" | "flakes";
  /** The network's verdict; null = any. */
  graphene: boolean | null;
  reviewed: boolean | null;
  layers: readonly number[];
  minP: number | null;
  minAreaUm2: number | null;
  maxAreaUm2: number | null;
  sort: string;
}

/** How they are shown. */
export interface Where extends Choice {
  isSingle: boolean;
  /** The one that is looked at; null = the first. */
  flake: number | null;
  size: Size;
  isContrast: boolean;
  isOutlined: boolean;
}

export type Query = Record<string, string | number | boolean | null>;

/** Read an address; what cannot be read is as if it were not there. */
export function parseWhere(query: URLSearchParams): Where {
  const size = SIZES.find((one) => one === query.get("size"));
  const sort = query.get("sort") ?? "";
  return {
    from: query.get("from") === "flakes" ? "flakes" : "queue",
    graphene: flag(query.get("graphene")),
    reviewed: flag(query.get("reviewed")),
    layers: (query.get("layers") ?? "").split(",").map(Number).filter(isLayers),
    minP: figure(query.get("min_p")),
    minAreaUm2: figure(query.get("min_area_um2")),
    maxAreaUm2: figure(query.get("max_area_um2")),
    sort: sort in SORTS ? sort : USUAL_SORT,
    isSingle: query.get("view") === "single",
    flake: idOf(query.get("flake")),
    size: size ?? "medium",
    isContrast: query.get("look") === "contrast",
    // At first everyone wants to know which of the things in the picture is meant.
    isOutlined: query.get("outline") !== "false",
  };
}

/** The address of it: only what differs from the usual. */
export function queryOf(where: Where): Query {
  return {
    ...(where.from === "flakes" ? filtersOf(where) : {}),
    view: where.isSingle ? "single" : null,
    flake: where.flake,
    size: where.size === "medium" ? null : where.size,
    look: where.isContrast ? "contrast" : null,
    outline: where.isOutlined ? null : false,
  };
}

/** Tells lists apart: another key is another list. */
export function keyOf(choice: Choice, scanId: number | undefined): string {
  const filters = choice.from === "flakes" ? filtersOf(choice) : {};
  return JSON.stringify([scanId ?? null, filters]);
}

/** How many filters are set. */
export function countFilters(choice: Choice): number {
  const { graphene, reviewed, minP, minAreaUm2, maxAreaUm2 } = choice;
  const single = [graphene, reviewed, minP, minAreaUm2, maxAreaUm2];
  return single.filter((one) => one !== null).length + (choice.layers.length ? 1 : 0);
}

export const NO_FILTERS = {
  graphene: null,
  reviewed: null,
  layers: [],
  minP: null,
  minAreaUm2: null,
  maxAreaUm2: null,
} satisfies Partial<Choice>;

function filtersOf(choice: Choice): Query {
  return {
    from: "flakes",
    graphene: choice.graphene,
    reviewed: choice.reviewed,
    layers: choice.layers.join(",") || null,
    min_p: choice.minP,
    min_area_um2: choice.minAreaUm2,
    max_area_um2: choice.maxAreaUm2,
    sort: choice.sort === USUAL_SORT ? null : choice.sort,
  };
}

function flag(text: string | null): boolean | null {
  if (text === "true") return true;
  return text === "false" ? false : null;
}

/** A number of at least 0 that was typed or stands in an address; null where it is none. */
export function figure(text: string | null): number | null {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value >= 0 ? value : null;
}

function idOf(text: string | null): number | null {
  const value = figure(text);
  return value !== null && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function isLayers(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 100;
}
