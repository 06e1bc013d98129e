/** What the address keeps of a map: filters, colours, layers, the chosen flake, the view. */

export type Shown = "graphene" | "other" | "all";
export type Reviewed = "any" | "yes" | "no";
export type ColourBy = "class" | "layers" | "p";
export type Sort = "-area_um2" | "-p_graphene" | "p_graphene" | "id";
export type Layer = "tiles" | "outlines" | "labels" | "failed";

/** Which flakes are shown. */
export interface Filter {
  shown: Shown;
  minP: number | null;
  minArea: number | null;
  maxArea: number | null;
  layers: readonly number[];
  reviewed: Reviewed;
}

/** What stands in the middle, in stage coordinates, and units per pixel of the screen. */
export interface Sight {
  x: number;
  y: number;
  resolution: number;
}

export interface MapPlace {
  filter: Filter;
  colourBy: ColourBy;
  sort: Sort;
  hidden: readonly Layer[];
  isTurned: boolean;
  flake: number | null;
  /** A tile to go to, where the address has no view of its own. */
  tile: number | null;
  sight: Sight | null;
}

export const EVERYTHING: Filter = {
  shown: "all",
  minP: null,
  minArea: null,
  maxArea: null,
  layers: [],
  reviewed: "any",
};

const SHOWN: readonly Shown[] = ["graphene", "other", "all"];
const REVIEWED: readonly Reviewed[] = ["any", "yes", "no"];
const COLOURS: readonly ColourBy[] = ["class", "layers", "p"];
const SORTS: readonly Sort[] = ["-area_um2", "-p_graphene", "p_graphene", "id"];
export const LAYERS: readonly Layer[] = ["tiles", "outlines", "labels", "failed"];
// Labels crowd a picture: who wants them turns them on.
const HIDDEN_AT_FIRST: readonly Layer[] = ["labels"];

/** Reads an address; what somebody typed wrong is left at its default. */
export function readPlace(query: URLSearchParams): MapPlace {
  const hide = query.get("hide");
  return {
    filter: {
      shown: oneOf(SHOWN, query.get("show"), "graphene"),
      minP: number(query.get("p"), 0, 1),
      minArea: number(query.get("area_from"), 0),
      maxArea: number(query.get("area_to"), 0),
      layers: integers(query.get("layers")),
      reviewed: oneOf(REVIEWED, query.get("reviewed"), "any"),
    },
    colourBy: oneOf(COLOURS, query.get("colour"), "class"),
    sort: oneOf(SORTS, query.get("sort"), "-area_um2"),
    hidden: hide === null ? HIDDEN_AT_FIRST : LAYERS.filter((one) => hide.split(",").includes(one)),
    isTurned: query.get("turned") === "true",
    flake: integers(query.get("flake"))[0] ?? null,
    tile: integers(query.get("tile"))[0] ?? null,
    sight: sightOf(query),
  };
}

/** Writes an address; defaults are left out. */
export function writePlace(place: MapPlace): Record<string, string | number | null> {
  const { filter, sight } = place;
  return {
    show: unless(filter.shown, "graphene"),
    p: filter.minP,
    area_from: filter.minArea,
    area_to: filter.maxArea,
    layers: filter.layers.join(","),
    reviewed: unless(filter.reviewed, "any"),
    colour: unless(place.colourBy, "class"),
    sort: unless(place.sort, "-area_um2"),
    hide: unless(place.hidden.join(",") || "nothing", HIDDEN_AT_FIRST.join(",")),
    turned: place.isTurned ? "true" : null,
    flake: place.flake,
    tile: place.tile,
    x: sight && written(sight.x),
    y: sight && written(sight.y),
    r: sight && Number(sight.resolution.toPrecision(4)),
  };
}

/** A part of the chip is where the stage can go to; a hundredth of a um is below any stage. */
function written(value: number): number {
  return Number(value.toFixed(2)) + 0;
}

function sightOf(query: URLSearchParams): Sight | null {
  const [x, y] = [number(query.get("x")), number(query.get("y"))];
  const resolution = number(query.get("r"), 1e-6);
  return x === null || y === null || resolution === null ? null : { x, y, resolution };
}

function oneOf<T extends string>(all: readonly T[], text: string | null, usual: T): T {
  return all.find((one) => one === text) ?? usual;
}

function unless(value: string, usual: string): string | null {
  return value === usual ? null : value;
}

/** A number of the address or of an input; null where it is none or out of its range. */
export function number(
  text: string | null,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): number | null {
  // A German keyboard has the comma on its number pad.
  const value = text?.trim() ? Number(text.replace(",", ".")) : Number.NaN;
  return Number.isFinite(value) && value >= from && value <= to ? value : null;
}

function integers(text: string | null): number[] {
  return (text ?? "")
    .split(",")
    .filter((one) => /^\d{1,15}$/.test(one))
    .map(Number);
}
