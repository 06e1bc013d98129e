import "./live.css";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { Newest } from "~/pages/live/Newest";
import { Squares } from "~/pages/live/Squares";
import { Strip } from "~/pages/live/Strip";
import { type Live as LiveScan, useLive } from "~/pages/live/use_live";
import { Warnings } from "~/pages/live/Warnings";
import { idAt, type PageProps } from "~/pages/page";
import { leftText, paceOf, paceText, secondsLeft } from "~/pages/scans/pace";
import {
  allTiles,
  doneTiles,
  isRunning,
  type Scan,
  stateKind,
  stateWords,
  tilesText,
} from "~/pages/scans/words";
import * as format from "~/parts/format";
import { Empty, Shown } from "~/parts/notes";
import { announce } from "~/parts/toast";
import { hrefOf } from "~/router";

export default function Live({ place }: PageProps) {
  const scanId = idAt(place, 1) ?? 0;
  return <Running key={scanId} scanId={scanId} />;
}

function Running({ scanId }: { scanId: number }) {
  const live = useLive(scanId);
  const map = useLoaded(`map ${scanId}`, () =>
    got(api.GET("/v1/scans/{scan_id}/map", { params: { path: { scan_id: scanId } } })),
  );
  return (
    <>
      {!live.scan.value && <h1 class="unseen">Live view of scan {scanId}</h1>}
      <Shown loaded={live.scan}>
        {(scan) => (
          <div class="stack">
            <Head scan={scan} live={live} />
            <Warnings scan={scan} board={live.board} version={live.version} />
            {live.board.squares.size === 0 && <Waiting scan={scan} />}
            <div class="live-parts">
              <Newest scanId={scanId} found={live.board.graphene} />
              <div class="stack">
                <Squares
                  board={live.board}
                  version={live.version}
                  isUp={map.value?.y_axis === "up"}
                />
                <Strip board={live.board} />
              </div>
            </div>
          </div>
        )}
      </Shown>
    </>
  );
}

function Head({ scan, live }: { scan: Scan; live: LiveScan }) {
  useSaid(scan);
  const all = allTiles(scan);
  const done = doneTiles(scan);
  const pace = paceOf(live.marks, Date.now());
  const left = leftText(secondsLeft(all === null ? null : all - done, pace));
  const isIdle = !isRunning(scan) && scan.state !== "open";
  return (
    <>
      <div class="page-head">
        <div>
          <a class="small" href={hrefOf(["scans", scan.id])}>
            Scan {scan.id}
          </a>
          <h1>{scan.name}</h1>
        </div>
        <nav class="row" aria-label="Views of this scan">
          <a class="button" href={hrefOf(["scans", scan.id, "map"])}>
            Map
          </a>
          <a class="button" href={hrefOf(["scans", scan.id, "review"])}>
            Review
          </a>
        </nav>
      </div>
      <dl class="live-counts card">
        <Count name="State">
          <span class={`badge ${stateKind(scan.state)}`}>{stateWords(scan.state)}</span>
        </Count>
        <Count name="Tiles">{tilesText(scan)}</Count>
        <Count name="Pace">{isIdle ? "\u2013" : paceText(pace) || "\u2026"}</Count>
        <Count name="Time left">
          {isIdle || done === all ? "\u2013" : left.replace(" left", "") || "unknown"}
        </Count>
        <Count name="Graphene">
          <strong>{format.count(scan.flakes.graphene)}</strong>
        </Count>
        <Count name="Other flakes">{format.count(scan.flakes.other)}</Count>
        {all !== null && (
          <progress aria-label="Tiles with a result" value={done} max={Math.max(all, 1)} />
        )}
      </dl>
    </>
  );
}

function Count({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt class="small quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Oftener is noise to who hears the page. */
const SAY_MS = 15_000;

function useSaid(scan: Scan): void {
  const latest = useRef(scan);
  latest.current = scan;
  const said = useRef(scan.tiles.screened);
  useEffect(() => {
    const timer = setInterval(() => {
      const { tiles, flakes } = latest.current;
      if (tiles.screened === said.current) return;
      said.current = tiles.screened;
      announce(`${tilesText(latest.current)} tiles, ${flakes.graphene} graphene flakes.`);
    }, SAY_MS);
    return () => clearInterval(timer);
  }, []);
  const { state, name } = scan;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== state) announce(`${name}: ${stateWords(state)}.`);
    before.current = state;
  }, [state, name]);
}

function Waiting({ scan }: { scan: Scan }) {
  if (!isRunning(scan) && scan.state !== "open") return null;
  return (
    <Empty title="Waits for the first tile">
      {scan.state === "open" ? (
        <p>
          Tiles appear here as the microscope or <code>flakescope watch</code> sends them.
        </p>
      ) : (
        <p>The files are unpacked and read first; that takes a moment for a large scan.</p>
      )}
    </Empty>
  );
}
