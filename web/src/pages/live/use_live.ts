import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { type Loaded, useLoaded } from "~/api/loaded";
import { Board } from "~/pages/live/board";
import { TileReader } from "~/pages/live/tile_reader";
import { type Mark, withMark } from "~/pages/scans/pace";
import type { Scan } from "~/pages/scans/words";

/** Events are gathered, and drawn once in so long. */
const DRAW_MS = 250;
const READ_MS = 1500;
const WINDOW_MS = 30_000;
const PAGE = 1000;

export interface Live {
  scan: Loaded<Scan>;
  board: Board;
  /** Counts each change of the board. */
  version: number;
  /** Counts tiles that were told, over the last half minute. */
  marks: readonly Mark[];
}

/** A scan as it runs; for one scan as long as the component lives. */
export function useLive(scan_id: number): Live {
  const path = { scan_id };
  const scan = useLoaded(`scan ${scan_id}`, () =>
    got(api.GET("/v1/scans/{scan_id}", { params: { path } })),
  );
  const board = useMemo(() => new Board(), []);
  const tiles = useTiles(scan_id, board);
  const [version, setVersion] = useState(0);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const drawn = useRef(0);
  const isStale = useRef(false);
  const touch = useCallback(
    (tile_id: number) => {
      tiles.reader.touch(tile_id);
      isStale.current = true;
    },
    [tiles.reader],
  );

  useEvents("tile_screened", (event) => {
    if (event.scan_id !== scan_id) return;
    board.hearScreened(event);
    touch(event.tile_id);
  });
  useEvents("tile_failed", (event) => {
    if (event.scan_id !== scan_id) return;
    board.hearFailed(event);
    touch(event.tile_id);
  });
  useEvents("scan_state", (event) => {
    if (event.scan_id !== scan_id) return;
    tiles.reader.touchAll();
    scan.reload();
  });
  useReopened(() => {
    tiles.reader.touchAll();
    scan.reload();
  });

  useEffect(() => {
    const timer = setInterval(() => {
      if (drawn.current === board.heard) return;
      drawn.current = board.heard;
      setVersion((old) => old + 1);
    }, DRAW_MS);
    return () => clearInterval(timer);
  }, [board]);
  useEffect(() => {
    const timer = setInterval(() => {
      // Also without news: a pace sinks while nothing comes.
      setMarks((old) => withMark(old, { at: Date.now(), done: board.heard }, WINDOW_MS));
      if (!isStale.current) return;
      isStale.current = false;
      scan.reload();
    }, READ_MS);
    return () => clearInterval(timer);
  }, [board, scan.reload]);

  return { scan, board, version: version + tiles.reads, marks };
}

/** Keeps the list of tiles read; the first time as fast as it comes, later a page at a time. */
function useTiles(scan_id: number, board: Board): { reader: TileReader; reads: number } {
  const [reads, setReads] = useState(0);
  const reader = useMemo(
    () =>
      new TileReader(async (cursor) => {
        const query = { limit: PAGE, cursor };
        const params = { path: { scan_id }, query };
        const page = await got(api.GET("/v1/scans/{scan_id}/tiles", { params }));
        // The client forgets how long tuples are.
        return page as Schemas["TilePage"];
      }),
    [scan_id],
  );
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isWanted = true;
    let first = true;
    const read = async () => {
      if (reader.hasMore) board.read(await reader.next());
      else board.readFlakes(await grapheneOf(scan_id));
      if (isWanted) setReads((old) => old + 1);
    };
    const step = async () => {
      const wasFirst = first;
      // After the tiles come the flakes that were found on them before.
      first &&= reader.hasMore;
      // What cannot be read now is read again; the scan itself tells what is wrong.
      if (wasFirst || reader.hasMore)
        await read().catch(() => {
          first = false;
        });
      if (isWanted) timer = setTimeout(step, first ? 0 : READ_MS);
    };
    void step();
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [reader, board, scan_id]);
  return { reader, reads };
}

/** The newest graphene flakes: as many as a small map has use for. */
async function grapheneOf(scan_id: number): Promise<{ tile_id: number | null }[]> {
  const query = { graphene: true, sort: "-id", limit: PAGE };
  const params = { path: { scan_id }, query };
  return (await got(api.GET("/v1/scans/{scan_id}/flakes", { params }))).items;
}
