import { useState } from "preact/hooks";
import { api, got, type Schemas, urlOf } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { firstFailed, lightWords, placeWords } from "~/pages/scans/one/tile_words";
import type { Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { Empty, ProblemNote, Shown } from "~/parts/notes";
import { usePages } from "~/parts/pages";
import { type Column, Table } from "~/parts/Table";

type Tile = Schemas["Tile"];

const PAGE = 100;
const NAME: Column<Tile> = {
  head: "Tile",
  cell: (tile) => {
    const name = tile.name ?? `Tile ${tile.id}`;
    if (!tile.width_px) return name;
    const query = { max_px: 2048, v: tile.sha256 };
    return (
      <a href={urlOf(`/v1/tiles/${tile.id}/image`, query)} target="_blank" rel="noreferrer">
        {name}
      </a>
    );
  },
};
const FAILED: Column<Tile>[] = [
  NAME,
  { head: "Place", cell: placeWords },
  { head: "Why it failed", cell: (tile) => tile.error ?? "The reason is not known." },
];
const ALL: Column<Tile>[] = [
  NAME,
  { head: "State", cell: (tile) => tile.state },
  { head: "Place", cell: placeWords },
  { head: "Screened", cell: (tile) => (tile.screened_at ? format.ago(tile.screened_at) : "") },
  { head: "By", cell: (tile) => tile.model_version ?? "" },
  { head: "Light", cell: lightWords },
  { head: "Remarks", cell: (tile) => [tile.error, ...tile.warnings].filter(Boolean).join(" ") },
];

/** The tiles of a scan; those that failed first, with their reasons. */
export function Tiles({ scan }: { scan: Scan }) {
  return (
    <div class="stack">
      {scan.tiles.failed > 0 && <Failed scan={scan} />}
      <All scan={scan} />
    </div>
  );
}

function Failed({ scan }: { scan: Scan }) {
  const failed = useLoaded(`failed ${scan.id} ${scan.tiles.failed}`, () => firstFailed(scan.id));
  return (
    <section class="stack">
      <h2>Failed tiles</h2>
      <Shown loaded={failed}>
        {(tiles) => (
          <>
            <Table caption="Failed tiles" columns={FAILED} rows={tiles} keyOf={({ id }) => id} />
            {tiles.length < scan.tiles.failed && (
              <p class="quiet">
                {format.count(tiles.length)} of {format.count(scan.tiles.failed)} are listed.
              </p>
            )}
          </>
        )}
      </Shown>
    </section>
  );
}

function All({ scan }: { scan: Scan }) {
  const scan_id = scan.id;
  const [round, setRound] = useState(0);
  const tiles = usePages<Tile>(`tiles ${scan_id} ${round}`, async (cursor) => {
    const params = { path: { scan_id }, query: { limit: PAGE, cursor } };
    const page = await got(api.GET("/v1/scans/{scan_id}/tiles", { params }));
    return page as Schemas["TilePage"];
  });
  return (
    <section class="stack">
      <div class="row spread">
        <h2>All tiles, in the order in which they came</h2>
        <Button kind="plain" onClick={() => setRound(round + 1)}>
          Read again
        </Button>
      </div>
      {tiles.problem && <ProblemNote problem={tiles.problem} onRetry={tiles.reload} />}
      {tiles.items.length > 0 && (
        <Table caption="Tiles" columns={ALL} rows={tiles.items} keyOf={({ id }) => id} />
      )}
      {!tiles.hasMore && tiles.items.length === 0 && <Empty title="No tile yet" />}
      {tiles.hasMore && tiles.items.length > 0 && (
        <Button onClick={tiles.more} reason={tiles.isLoading ? "Loading" : null}>
          Show more tiles
        </Button>
      )}
    </section>
  );
}
