import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { type Loaded, useLoaded } from "~/api/loaded";
import { type Page, type Pages, usePages } from "~/parts/pages";
import type { Flake } from "./desk";
import type { Choice } from "./where";
import type { Reason } from "./words";

/** A flake in the list, and why it is asked for. */
export interface Item {
  flake: Flake;
  reasons: readonly Reason[];
}

export interface List extends Pick<Pages<Item>, "items" | "hasMore" | "isLoading" | "problem"> {
  /** How many there were when the list was first read. */
  total: number | undefined;
  isExact: boolean;
  more: () => void;
  change: (flakes: readonly Flake[]) => void;
}

const PER_PAGE = 100;

/** The list to review, page by page; `wanted` is shown even where the list does not hold it. */
export function useList(choice: Choice, scanId: number | undefined, wanted: number | null): List {
  const pages = useSource(choice, scanId);
  // Whom the address names at first. It may be far down the list, or reviewed since.
  const [named] = useState(wanted);
  const isThere = pages.items.some(({ flake }) => flake.id === named);
  const isAsked = named !== null && !pages.isLoading && !isThere;
  const pinned = usePinned(isAsked ? named : null);
  const items = useMemo(
    () => (pinned.value ? [pinned.value, ...pages.items] : pages.items),
    [pages.items, pinned.value],
  );
  // Later pages count again, without what was reviewed since.
  const first = useRef<number | undefined>(undefined);
  first.current ??= pages.total;

  const { change: changePages } = pages;
  const pin = useRef(pinned);
  pin.current = pinned;
  const change = useCallback(
    (flakes: readonly Flake[]) => {
      const changed = new Map(flakes.map((flake) => [flake.id, flake]));
      const each = (item: Item) => ({ ...item, flake: changed.get(item.flake.id) ?? item.flake });
      changePages(each);
      if (pin.current.value) pin.current.set(each(pin.current.value));
    },
    [changePages],
  );
  return {
    items,
    total: first.current,
    isExact: pages.isExact,
    hasMore: pages.hasMore,
    isLoading: pages.isLoading || pinned.isLoading,
    problem: pages.problem ?? pinned.problem,
    more: pages.more,
    change,
  };
}

function useSource(choice: Choice, scanId: number | undefined): Pages<Item> {
  const seen = useRef(new Set<number>());
  return usePages("", (cursor) => {
    if (choice.from === "flakes") return readFlakes(choice, scanId, cursor);
    if (cursor === null) seen.current = new Set();
    return readQueue(scanId, seen.current);
  });
}

/** What is worth most now, without what was `seen`: the queue has no pages, it is asked again. */
async function readQueue(scanId: number | undefined, seen: Set<number>): Promise<Page<Item>> {
  const query = { limit: PER_PAGE, scan_id: scanId };
  const { items } = await got(api.GET("/v1/review-queue", { params: { query } }));
  const fresh = (items as Schemas["WorthReviewing"][]).map(({ flake, reasons }) => ({
    flake: flake as Flake,
    reasons,
  }));
  const unseen = fresh.filter(({ flake }) => !seen.has(flake.id));
  for (const { flake } of unseen) seen.add(flake.id);
  const isLast = items.length < PER_PAGE || unseen.length === 0;
  return { items: unseen, next_cursor: isLast ? null : "again" };
}

async function readFlakes(
  choice: Choice,
  scanId: number | undefined,
  cursor: string | null,
): Promise<Page<Item>> {
  const query = {
    graphene: choice.graphene ?? undefined,
    reviewed: choice.reviewed ?? undefined,
    layers: [...choice.layers],
    min_p: choice.minP ?? undefined,
    min_area_um2: choice.minAreaUm2 ?? undefined,
    max_area_um2: choice.maxAreaUm2 ?? undefined,
    sort: choice.sort,
    limit: PER_PAGE,
    cursor: cursor ?? undefined,
  };
  const page = await got(
    scanId === undefined
      ? api.GET("/v1/flakes", { params: { query } })
      : api.GET("/v1/scans/{scan_id}/flakes", { params: { query, path: { scan_id: scanId } } }),
  );
  return { ...page, items: page.items.map((flake) => ({ flake: flake as Flake, reasons: [] })) };
}

/** A flake that the list does not hold. */
function usePinned(id: number | null): Loaded<Item | null> {
  // Once asked for it stays, also while further pages come.
  const asked = useRef<number | null>(null);
  asked.current ??= id;
  const flake_id = asked.current;
  return useLoaded<Item | null>(String(flake_id), async () => {
    if (flake_id === null) return null;
    const flake = await got(api.GET("/v1/flakes/{flake_id}", { params: { path: { flake_id } } }));
    return { flake: flake as Flake, reasons: [] };
  });
}
