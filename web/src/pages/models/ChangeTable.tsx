import { useRef, useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useEvents } from "~/api/events";
import { useLoaded } from "~/api/loaded";
import { Button } from "~/parts/Button";
import { cropUrl } from "~/parts/flake";
import * as format from "~/parts/format";
import { Empty, Note, Shown } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";
import { hrefOf } from "~/router";

type Change = Schemas["Change"];

const WORDS: Record<Change["kind"], { word: string; badge: string }> = {
  became_graphene: { word: "became graphene", badge: "is-good" },
  no_longer_graphene: { word: "no longer graphene", badge: "is-bad" },
  p_changed: { word: "p changed by over 0.2", badge: "" },
};

interface Props {
  scanId: number;
  before: string;
  after: string;
}

/** Flakes of a scan of which two versions say different things. */
export function ChangeTable({ scanId, before, after }: Props) {
  const [isScreening, setScreening] = useState(false);
  const [more, setMore] = useState<{ items: Change[]; cursor: string | null } | null>(null);
  const ask = (cursor: string | null) => {
    const query = { from: before, to: after, limit: 100, ...(cursor && { cursor }) };
    const params = { path: { scan_id: scanId }, query };
    return got(api.GET("/v1/scans/{scan_id}/changes", { params }));
  };
  const first = useLoaded(`${scanId} ${before} ${after}`, () => ask(null));
  const reload = useRef(first.reload);
  reload.current = first.reload;
  useEvents("scan_state", (event) => {
    if (event.scan_id !== scanId) return;
    setScreening(event.state === "queued" || event.state === "screening");
    if (event.state !== "done") return;
    setMore(null);
    reload.current();
  });

  return (
    <>
      {isScreening && <Note>The scan is being screened; the list is read anew at the end.</Note>}
      <Shown loaded={first}>
        {(page) => {
          const items = [...page.items, ...(more?.items ?? [])];
          const cursor = more ? more.cursor : page.next_cursor;
          const next = async () => {
            const found = await ask(cursor);
            setMore({
              items: [...(more?.items ?? []), ...found.items],
              cursor: found.next_cursor,
            });
          };
          return items.length === 0 ? (
            <Empty title="No difference">
              Either both judge alike, or {after} has not screened this scan.
            </Empty>
          ) : (
            <>
              <Counts counts={page.counts} />
              <Table
                caption={`Flakes that ${after} judges differently from ${before}`}
                columns={columnsOf(before, after)}
                rows={items}
                keyOf={({ flake_id }) => flake_id}
              />
              {cursor && <Button onClick={next}>Show more</Button>}
            </>
          );
        }}
      </Shown>
    </>
  );
}

function Counts({ counts }: { counts: Record<string, number> }) {
  return (
    <div class="row">
      {Object.entries(WORDS).map(([kind, { word, badge }]) => (
        <span key={kind} class={`badge ${badge}`}>
          {format.count(counts[kind] ?? 0)} {word}
        </span>
      ))}
    </div>
  );
}

function columnsOf(before: string, after: string): Column<Change>[] {
  return [
    { head: "Flake", cell: ({ flake_id }) => <Picture key={flake_id} flakeId={flake_id} /> },
    {
      head: "Change",
      cell: ({ kind }) => <span class={`badge ${WORDS[kind].badge}`}>{WORDS[kind].word}</span>,
    },
    { head: `p, ${before}`, isNumber: true, cell: ({ p_before }) => pOf(p_before) },
    { head: `p, ${after}`, isNumber: true, cell: ({ p_after }) => pOf(p_after) },
  ];
}

function pOf(p: number | null): string {
  return p === null ? "not found" : format.p(p);
}

/** A flake may be gone since: then there is no picture. */
function Picture({ flakeId }: { flakeId: number }) {
  const [isGone, setGone] = useState(false);
  if (isGone) return <span class="quiet">{flakeId}, gone since</span>;
  return (
    <a class="row" href={hrefOf(["review"], { view: "single", flake: flakeId })}>
      <img
        class="models-crop"
        src={cropUrl(flakeId)}
        alt=""
        loading="lazy"
        onError={() => setGone(true)}
      />
      flake {flakeId}
    </a>
  );
}
