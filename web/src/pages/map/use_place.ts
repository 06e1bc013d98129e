/** The map's part of the address: read from it, and written to it as the map is used. */
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type MapPlace, readPlace, type Sight, writePlace } from "~/pages/map/place";
import { hrefOf, replacePlace } from "~/router";

/** Where a new address leads: to a view, or to a flake. */
export type Asked = Pick<MapPlace, "sight" | "flake">;

export interface SightKeeper {
  /** Where a new address asks the map to go, once; undefined where the address is known. */
  asked: () => Asked | undefined;
  /** The map has moved: written by and by. */
  moved: (sight: Sight) => void;
}

const WRITE_MS = 300;

export function useMapPlace(scanId: number, query: URLSearchParams) {
  const text = query.toString();
  const read = useMemo(() => readPlace(new URLSearchParams(text)), [text]);
  // Each movement changes the address, but not what 50,000 flakes are sifted by.
  const filter = useSame(read.filter);
  const hidden = useSame(read.hidden);
  const place = useMemo(() => ({ ...read, filter, hidden }), [read, filter, hidden]);
  const latest = useRef(place);
  latest.current = place;
  const now = useRef<Sight | null>(place.sight);
  const written = useRef("");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const change = useCallback(
    (changed: Partial<MapPlace>) => {
      const next = { ...latest.current, sight: now.current, ...changed };
      // Two changes may come before the page is drawn anew.
      latest.current = next;
      const href = hrefOf(["scans", scanId, "map"], writePlace(next));
      if (href === location.hash) return;
      written.current = href;
      replacePlace(href);
    },
    [scanId],
  );

  const sight = useMemo<SightKeeper>(
    () => ({
      asked: () => {
        if (written.current === location.hash) return undefined;
        // Once: from then on the map goes where it is moved.
        written.current = location.hash;
        const { sight, flake } = latest.current;
        return { sight, flake };
      },
      moved: (moved) => {
        now.current = moved;
        clearTimeout(timer.current);
        // Who leaves the page within that time must not be brought back by its address.
        timer.current = setTimeout(() => {
          if (isHere(scanId)) change({});
        }, WRITE_MS);
      },
    }),
    [scanId, change],
  );

  return { place, change, sight };
}

/** The same object as before while it says the same. */
function useSame<T>(value: T): T {
  const text = JSON.stringify(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text says all of the value
  return useMemo(() => value, [text]);
}

function isHere(scanId: number): boolean {
  return location.hash.split("?")[0] === hrefOf(["scans", scanId, "map"]);
}
