import type { ComponentType } from "preact";
import type { Place } from "~/router";

/** What every page gets. */
export interface PageProps {
  place: Place;
}

export type PageView = ComponentType<PageProps>;

/** The number in the address, `#/scans/12`; undefined where there is none. */
export function idAt(place: Place, index: number): number | undefined {
  const text = place.path[index] ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
