/** What was typed into the search: a flake's id, or a place on the stage. */
import type { Point } from "~/pages/map/types";

export type Found = { kind: "flake"; id: number } | { kind: "place"; point: Point } | null;

const NUMBER = "[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)";
const PLACE = new RegExp(
  `^x?\\s*=?\\s*(${NUMBER})\\s*(?:um|\u00b5m)?\\s*[,;\\s]\\s*y?\\s*=?\\s*(${NUMBER})\\s*(?:um|\u00b5m)?$`,
  "i",
);
const FLAKE = /^(?:flake\s*)?#?\s*(\d{1,15})$/i;

export function readSearch(text: string): Found {
  const asked = text.trim();
  const flake = FLAKE.exec(asked);
  if (flake) return { kind: "flake", id: Number(flake[1]) };
  const place = PLACE.exec(asked);
  return place ? { kind: "place", point: [Number(place[1]), Number(place[2])] } : null;
}
