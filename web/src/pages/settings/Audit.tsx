import { api, got, type Schemas } from "~/api/client";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { Empty, ProblemNote } from "~/parts/notes";
import { usePages } from "~/parts/pages";
import { type Column, Table } from "~/parts/Table";

const COLUMNS: Column<Schemas["AuditEntry"]>[] = [
  { head: "When", cell: (entry) => format.moment(entry.at) },
  { head: "Who", cell: (entry) => entry.who },
  { head: "From", cell: (entry) => entry.address },
  { head: "Did", cell: (entry) => entry.action.replaceAll("_", " ") },
  { head: "With", cell: (entry) => <code>{entry.object}</code> },
  { head: "Outcome", cell: (entry) => entry.outcome ?? format.UNKNOWN },
];

/** What administrators did, newest first. */
export function Audit() {
  const audit = usePages("audit", (cursor) =>
    got(api.GET("/v1/audit", { params: { query: { cursor } } })),
  );
  return (
    <div class="stack">
      {audit.problem && <ProblemNote problem={audit.problem} onRetry={audit.reload} />}
      {audit.items.length > 0 && (
        <Table caption="Audit log" columns={COLUMNS} rows={audit.items} keyOf={(one) => one.id} />
      )}
      {!audit.hasMore && audit.items.length === 0 && <Empty title="Nothing was done yet" />}
      {audit.hasMore && audit.items.length > 0 && (
        <div>
          <Button onClick={audit.more} reason={audit.isLoading ? "Loading" : null}>
            Show older entries
          </Button>
        </div>
      )}
    </div>
  );
}
