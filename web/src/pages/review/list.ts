import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
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
  // Whom the address names may be far down the list, or reviewed since.
  const isThere = pages.items.some(({ flake }) => flake.id === wanted);
  const pinned = usePinned(!pages.isLoading && !isThere ? wanted : null);
  const items = useMemo(() => {
    // Further pages may hold them, too.
    const there = new Set(pinned.items.map(({ flake }) => flake.id));
    return [...pinned.items, ...pages.items.filter(({ flake }) => !there.has(flake.id))];
  }, [pages.items, pinned.items]);
  // Later pages count again, without what was reviewed since.
  const first = useRef<number | undefined>(undefined);
  first.current ??= pages.total;

  const { change: changePages } = pages;
  const { change: changePinned } = pinned;
  const change = useCallback(
    (flakes: readonly Flake[]) => {
      const changed = new Map(flakes.map((flake) => [flake.id, flake]));
      const each = (item: Item) => ({ ...item, flake: changed.get(item.flake.id) ?? item.flake });
      changePages(each);
      changePinned(each);
    },
    [changePages, changePinned],
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

/** Flakes that the list does not hold; once asked for they stay. */
function usePinned(id: number | null) {
  const [items, setItems] = useState<readonly Item[]>([]);
  const isNew = id !== null && !items.some(({ flake }) => flake.id === id);
  const asked = isNew ? id : null;
  const loaded = useLoaded<Flake | null>(String(asked), async () => {
    if (asked === null) return null;
    const path = { flake_id: asked };
    return (await got(api.GET("/v1/flakes/{flake_id}", { params: { path } }))) as Flake;
  });
  const { value, problem } = loaded;
  useEffect(() => {
    if (!value) return;
    const isOther = ({ flake }: Item) => flake.id !== value.id;
    // The one that was asked for last comes first.
    setItems((old) => [{ flake: value, reasons: [] }, ...old.filter(isOther)]);
  }, [value]);
  const change = useCallback((each: (item: Item) => Item) => setItems((old) => old.map(each)), []);
  return { items, change, problem, isLoading: asked !== null && !problem };
}
