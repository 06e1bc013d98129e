import { useEffect, useRef, useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { type Loaded, useLoaded } from "~/api/loaded";
import type { PageProps } from "~/pages/page";
import { Changes } from "~/pages/scans/one/Changes";
import { Correct } from "~/pages/scans/one/Correct";
import { Exports } from "~/pages/scans/one/Exports";
import { Head } from "~/pages/scans/one/Head";
import { Overview } from "~/pages/scans/one/Overview";
import { Tiles } from "~/pages/scans/one/Tiles";
import { type Mark, withMark } from "~/pages/scans/pace";
import { doneTiles, type Scan } from "~/pages/scans/words";
import { Shown } from "~/parts/notes";
import { Tabs } from "~/parts/Tabs";
import { hrefOf, replacePlace } from "~/router";

const EVERY_MS = 1500;
const WINDOW_MS = 30_000;

/** One scan: what is known of it, and what can be done with it. */
export function ScanPage({ scanId, place }: PageProps & { scanId: number }) {
  const { scan, marks } = useScan(scanId);
  const open = place.query.get("tab") ?? "overview";
  const onOpen = (tab: string) =>
    replacePlace(hrefOf(["scans", scanId], { tab: tab === "overview" ? null : tab }));
  return (
    <>
      {!scan.value && <h1 class="unseen">Scan {scanId}</h1>}
      <Shown loaded={scan}>
        {(value) => (
          <div class="stack">
            <Head scan={value} marks={marks} onChanged={scan.set} />
            <Tabs
              label="Parts of the scan"
              open={open}
              onOpen={onOpen}
              tabs={tabsOf(value, scan)}
            />
          </div>
        )}
      </Shown>
    </>
  );
}

function tabsOf(scan: Scan, { set }: Loaded<Scan>) {
  return [
    { key: "overview", label: "Overview", show: () => <Overview scan={scan} onChanged={set} /> },
    { key: "tiles", label: "Tiles", show: () => <Tiles scan={scan} /> },
    { key: "correct", label: "Put right", show: () => <Correct scan={scan} onChanged={set} /> },
    { key: "exports", label: "Exports", show: () => <Exports scan={scan} /> },
    { key: "changes", label: "Changes by a model", show: () => <Changes scan={scan} /> },
  ];
}

/** A scan, read anew when events tell that it has changed, and how fast it goes. */
function useScan(scan_id: number): { scan: Loaded<Scan>; marks: readonly Mark[] } {
  const scan = useLoaded(`scan ${scan_id}`, () =>
    got(api.GET("/v1/scans/{scan_id}", { params: { path: { scan_id } } })),
  );
  const isStale = useRef(false);
  const [marks, setMarks] = useState<readonly Mark[]>([]);
  const hear = (event: { scan_id: number }) => {
    if (event.scan_id === scan_id) isStale.current = true;
  };
  useEvents("scan_state", hear);
  useEvents("tile_screened", hear);
  useEvents("tile_failed", hear);
  useReopened(scan.reload);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!isStale.current) return;
      isStale.current = false;
      scan.reload();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [scan.reload]);
  const { value } = scan;
  useEffect(() => {
    if (!value) return;
    setMarks((old) => withMark(old, { at: Date.now(), done: doneTiles(value) }, WINDOW_MS));
  }, [value]);
  return { scan, marks };
}
