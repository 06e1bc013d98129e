import type { Schemas } from "~/api/client";

export type ChipMap = Schemas["ChipMap"];
/** Flakes in columns of equal length. */
export type MapFlakes = Schemas["MapFlakes"];
export type Scan = Schemas["Scan"];
export type Tile = Schemas["Tile"];
export type Label = Schemas["Review"]["label"];

/** x, y. */
export type Point = readonly [number, number];
/** min x, min y, max x, max y. */
export type Box = readonly [number, number, number, number];
