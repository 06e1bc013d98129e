/** The map's state from the service, kept up to date while a scan runs. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { type Loaded, useLoaded } from "~/api/loaded";
import { serverQuery } from "~/pages/map/choice";
import type { Filter } from "~/pages/map/place";
import type { ChipMap, Label, MapFlakes, Scan } from "~/pages/map/types";

export interface Chart {
  scan: Loaded<Scan>;
  map: Loaded<ChipMap>;
  flakes: Loaded<MapFlakes>;
}

// Tiles come several a second: what they bring is asked for together.
const COLLECT_MS = 200;
// However large the answers are, most of the time nothing is asked.
const REST_FACTOR = 4;
const LONGEST_REST_MS = 15_000;
// Small pictures are made by and by; the map's revision tells when.
const PICTURES_MS = 2000;

export function useChart(scan_id: number, filter: Filter): Chart {
  const path = { scan_id };
  const [isWhole, setWhole] = useState(true);
  const query = isWhole ? {} : serverQuery(filter);
  const scan = useLoaded(`scan ${scan_id}`, () =>
    got(api.GET("/v1/scans/{scan_id}", { params: { path } })),
  );
  const map = useLoaded(
    `map ${scan_id}`,
    // The client takes tuples for arrays of any length.
    async () => (await got(api.GET("/v1/scans/{scan_id}/map", { params: { path } }))) as ChipMap,
  );
  const rest = useRef(0);
  const flakes = useLoaded(`flakes ${scan_id} ${JSON.stringify(query)}`, async () => {
    const began = performance.now();
    const found = await got(api.GET("/v1/scans/{scan_id}/map/flakes", { params: { path, query } }));
    rest.current = performance.now() - began;
    return found as MapFlakes;
  });
  const isCut = flakes.value?.is_complete === false;
  useEffect(() => {
    // More than the service lists at once: from now on it sifts, not the page.
    if (isCut) setWhole(false);
  }, [isCut]);

  const readAgain = () => {
    scan.reload();
    map.reload();
    flakes.reload();
  };
  useNews(scan_id, readAgain, rest);
  usePictures(map);
  return { scan, map, flakes };
}

/** Call `readAgain` some time after a tile or the scan's state changed. */
function useNews(scanId: number, readAgain: () => void, rest: { current: number }): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(readAgain);
  latest.current = readAgain;
  const hear = (event: { scan_id: number | null }) => {
    if (event.scan_id !== scanId || timer.current !== undefined) return;
    const wait = Math.min(Math.max(rest.current * REST_FACTOR, COLLECT_MS), LONGEST_REST_MS);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, wait);
  };
  useEvents("tile_screened", hear);
  useEvents("tile_failed", hear);
  useEvents("scan_state", hear);
  useReopened(() => latest.current());
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scan waits for its own news
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [scanId],
  );
}

function usePictures(map: Loaded<ChipMap>): void {
  const isMaking = (map.value?.tiles_without_picture ?? 0) > 0;
  const { reload } = map;
  useEffect(() => {
    if (!isMaking) return;
    const timer = setInterval(reload, PICTURES_MS);
    return () => clearInterval(timer);
  }, [isMaking, reload]);
}

/** The same flakes with another verdict on one of them. */
export function withLabel(flakes: MapFlakes, id: number, label: Label | null): MapFlakes {
  const at = flakes.id.indexOf(id);
  return at < 0 ? flakes : { ...flakes, label: flakes.label.with(at, label) };
}
