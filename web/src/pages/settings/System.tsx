import { useEffect } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import * as format from "~/parts/format";
import { Empty, Note, Shown } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";

type State = Schemas["System"];

const EVERY_MS = 5000;

const QUEUES: Column<State["queues"][number]>[] = [
  { head: "Queue", cell: (queue) => queue.name },
  { head: "Waiting", isNumber: true, cell: (queue) => format.count(queue.waiting) },
  { head: "Running", isNumber: true, cell: (queue) => format.count(queue.running) },
];

const WORKERS: Column<State["workers"][number]>[] = [
  { head: "Process", cell: (worker) => worker.name },
  { head: "Does", cell: (worker) => (worker.kind === "trainer" ? "trainings" : "scans") },
  {
    head: "State",
    cell: (worker) => (
      <span class={worker.alive ? "badge is-good" : "badge is-bad"}>
        {worker.alive ? "alive" : "gone"}
      </span>
    ),
  },
  { head: "Last seen", isNumber: true, cell: (worker) => `${worker.seen_s.toFixed(0)} s ago` },
];

/** What runs, what waits and what should be looked after; it follows by itself. */
export function System() {
  const system = useLoaded("system", () => got(api.GET("/v1/system")));
  useEffect(() => {
    const timer = setInterval(system.reload, EVERY_MS);
    return () => clearInterval(timer);
  }, [system.reload]);
  return <Shown loaded={system}>{(state) => <Report state={state} />}</Shown>;
}

function Report({ state }: { state: State }) {
  return (
    <div class="stack">
      {state.warnings.map((warning) => (
        <Note key={warning} kind="warn">
          {warning}
        </Note>
      ))}
      <dl class="facts card">
        <dt>Version</dt>
        <dd>{state.version}</dd>
        <dt>Running since</dt>
        <dd>{format.moment(state.started_at)}</dd>
        <dt>Model</dt>
        <dd>{state.model_version ?? "none: nothing can be screened"}</dd>
        <dt>Runs on</dt>
        <dd>
          {state.provider.active ?? format.UNKNOWN} (asked for: {state.provider.asked})
        </dd>
        <dt>Database</dt>
        <dd>{state.database.kind}</dd>
        <dt>Disk</dt>
        <dd>{diskOf(state.disk)}</dd>
        <dt>Tiles</dt>
        <dd>
          {format.count(state.tiles.screened)} screened, {format.count(state.tiles.queued)} queued,{" "}
          {format.count(state.tiles.failed)} failed
        </dd>
      </dl>
      <h2>Workers</h2>
      {state.workers.length ? (
        <Table caption="Workers" columns={WORKERS} rows={state.workers} keyOf={keyOfWorker} />
      ) : (
        <Empty title="No worker was ever seen">Scans wait until one runs.</Empty>
      )}
      <h2>Queues</h2>
      <Table caption="Queues" columns={QUEUES} rows={state.queues} keyOf={(queue) => queue.name} />
    </div>
  );
}

function keyOfWorker({ kind, name }: State["workers"][number]): string {
  return `${kind} ${name}`;
}

function diskOf({ free_bytes, total_bytes, reserve_bytes }: State["disk"]): string {
  return (
    `${format.bytes(free_bytes)} of ${format.bytes(total_bytes)} free; ` +
    `uploads are refused below ${format.bytes(reserve_bytes)}`
  );
}
