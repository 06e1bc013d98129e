/** Which flakes are shown and in which order; all in the page, so that a filter answers at once. */
import type { Filter, Sort } from "~/pages/map/place";
import type { Box, MapFlakes } from "~/pages/map/types";

/** A person's verdict where there is one that decides, else the model's. As exports have it. */
export function countsAsGraphene(flakes: MapFlakes, at: number): boolean {
  const label = flakes.label[at];
  return label && label !== "unsure" ? label === "graphene" : Boolean(flakes.is_graphene[at]);
}

/** Rows of the flakes that a filter lets through, in the order in which they are listed. */
export function choose(flakes: MapFlakes, filter: Filter): number[] {
  const tests = testsOf(flakes, filter);
  const rows: number[] = [];
  for (let at = 0; at < flakes.id.length; at += 1) {
    if (tests.every((test) => test(at))) rows.push(at);
  }
  return rows;
}

type Test = (at: number) => boolean;

function testsOf(flakes: MapFlakes, filter: Filter): Test[] {
  const { shown, minP, minArea, maxArea, layers, reviewed } = filter;
  const tests: Test[] = [];
  if (shown !== "all") tests.push((at) => countsAsGraphene(flakes, at) === (shown === "graphene"));
  if (minP !== null) tests.push((at) => (flakes.p_graphene[at] ?? 0) >= minP);
  // Who asks for an area does not mean flakes whose area nobody knows.
  if (minArea !== null) tests.push((at) => (flakes.area_um2[at] ?? -1) >= minArea);
  if (maxArea !== null) tests.push((at) => (flakes.area_um2[at] ?? Infinity) <= maxArea);
  if (layers.length > 0) tests.push((at) => layers.includes(flakes.layers[at] ?? -1));
  if (reviewed !== "any") {
    tests.push((at) => (flakes.label[at] != null) === (reviewed === "yes"));
  }
  return tests;
}

const ORDERS: Record<Sort, (flakes: MapFlakes, a: number, b: number) => number> = {
  // Without a scale pixels still tell the larger one.
  "-area_um2": ({ area_um2, area_px }, a, b) =>
    (area_um2[b] ?? -1) - (area_um2[a] ?? -1) || (area_px[b] ?? 0) - (area_px[a] ?? 0),
  "-p_graphene": ({ p_graphene }, a, b) => (p_graphene[b] ?? 0) - (p_graphene[a] ?? 0),
  p_graphene: ({ p_graphene }, a, b) => (p_graphene[a] ?? 0) - (p_graphene[b] ?? 0),
  id: () => 0,
};

/** Rows in the order of `sort`; equals by their id. */
export function sorted(flakes: MapFlakes, rows: readonly number[], sort: Sort): number[] {
  const order = ORDERS[sort];
  return rows.toSorted((a, b) => order(flakes, a, b) || (flakes.id[a] ?? 0) - (flakes.id[b] ?? 0));
}

/** Those of the rows whose centre lies in a box of the stage. */
export function inBox(flakes: MapFlakes, rows: readonly number[], box: Box): number[] {
  const [left, low, right, high] = box;
  return rows.filter((at) => {
    const x = flakes.x[at] ?? Number.NaN;
    const y = flakes.y[at] ?? Number.NaN;
    return x >= left && x <= right && y >= low && y <= high;
  });
}

/** The id after (`step` 1) or before (-1) one in a list; from its end it goes on at the start. */
export function neighbour(
  ids: readonly number[],
  id: number | null,
  step: 1 | -1,
): number | undefined {
  if (ids.length === 0) return undefined;
  const at = id === null ? -1 : ids.indexOf(id);
  if (at < 0) return step === 1 ? ids[0] : ids.at(-1);
  return ids[(at + step + ids.length) % ids.length];
}

/** The filter as `/v1/scans/{id}/export/{format}` takes it. */
export function exportQuery(filter: Filter, sort: Sort): Record<string, string> {
  const query: Record<string, string | number | boolean | null> = {
    everything: filter.shown === "all" ? true : null,
    // Other flakes are asked for by the model's verdict: an export knows no other way.
    graphene: filter.shown === "other" ? false : null,
    min_area_um2: filter.minArea,
    max_area_um2: filter.maxArea,
    min_p: filter.minP,
    layers: filter.layers.join(",") || null,
    reviewed: filter.reviewed === "any" ? null : filter.reviewed === "yes",
    sort,
  };
  return Object.fromEntries(
    Object.entries(query)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, String(value)]),
  );
}

/** What the service can sift out where a scan has more flakes than it lists at once. */
export function serverQuery(filter: Filter) {
  return {
    ...(filter.minP !== null && { min_p: filter.minP }),
    ...(filter.minArea !== null && { min_area_um2: filter.minArea }),
    ...(filter.maxArea !== null && { max_area_um2: filter.maxArea }),
    ...(filter.layers.length > 0 && { layers: [...filter.layers] }),
    ...(filter.reviewed !== "any" && { reviewed: filter.reviewed === "yes" }),
  };
}
