import { useEffect, useRef, useState } from "preact/hooks";
import { api, got, Problem } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { type Mark, withMark } from "~/pages/scans/pace";
import { uploads } from "~/pages/scans/upload/uploads";
import { doneTiles, isRunning, type Scan } from "~/pages/scans/words";
import { type Pages, usePages } from "~/parts/pages";

/** Events come by the dozen: what they changed is read once in so long. */
const EVERY_MS = 1500;
const WINDOW_MS = 30_000;

interface Listed {
  scans: Pages<Scan>;
  /** How fast those go that run. */
  paces: ReadonlyMap<number, readonly Mark[]>;
  now: number;
  /** Read the list anew: a scan has come or gone. */
  refresh: () => void;
}

/** The list of scans, kept up by events. */
export function useScans(): Listed {
  const scans = usePages("scans", (cursor) =>
    got(api.GET("/v1/scans", { params: { query: { cursor } } })),
  );
  const [now, setNow] = useState(Date.now());
  const paces = useRef(new Map<number, readonly Mark[]>());
  const changed = useRef(new Set<number>());

  const hear = ({ scan_id }: { scan_id: number }) => changed.current.add(scan_id);
  useEvents("scan_state", hear);
  useEvents("tile_screened", hear);
  useEvents("tile_failed", hear);
  useReopened(scans.reload);
  useEffect(() => watchDone((scanId) => changed.current.add(scanId)), []);

  const show = async (id: number) => {
    const scan = await readScan(id);
    if (scan === null) scans.reload();
    if (!scan) return;
    const mark = { at: Date.now(), done: doneTiles(scan) };
    paces.current.set(id, withMark(paces.current.get(id) ?? [], mark, WINDOW_MS));
    scans.change((old) => (old.id === id ? scan : old));
    setNow(mark.at);
  };
  const look = () => {
    if (scans.items.some(isRunning)) setNow(Date.now());
    if (scans.isLoading) return;
    const ids = [...changed.current];
    changed.current.clear();
    const newest = scans.items[0]?.id ?? 0;
    const listed = new Set(scans.items.map((scan) => scan.id));
    // One that is new stands on top; else it is far down, and nobody sees it.
    if (ids.some((id) => id > newest)) scans.reload();
    else for (const id of ids.filter((one) => listed.has(one))) void show(id);
  };
  const lookLatest = useRef(look);
  lookLatest.current = look;
  useEffect(() => {
    const timer = setInterval(() => lookLatest.current(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  return { scans, paces: paces.current, now, refresh: scans.reload };
}

/** null: it is gone. What cannot be read now is told by the next event. */
async function readScan(scan_id: number): Promise<Scan | null | undefined> {
  try {
    return await got(api.GET("/v1/scans/{scan_id}", { params: { path: { scan_id } } }));
  } catch (error) {
    return error instanceof Problem && error.status === 404 ? null : undefined;
  }
}

/** Calls back for each upload that has become a scan. */
function watchDone(onDone: (scanId: number) => void): () => void {
  const told = new Set<number>();
  return uploads.watch((all) => {
    for (const { scanId } of all) {
      if (scanId === null || told.has(scanId)) continue;
      told.add(scanId);
      onDone(scanId);
    }
  });
}
