import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import type { Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";
import * as format from "~/parts/format";
import { Empty, ProblemNote, Shown } from "~/parts/notes";
import { usePages } from "~/parts/pages";
import { type Column, Table } from "~/parts/Table";
import { hrefOf } from "~/router";

type Change = Schemas["Change"];

const KINDS: Record<Change["kind"], string> = {
  became_graphene: "became graphene",
  no_longer_graphene: "is graphene no longer",
  p_changed: "p moved by over 0.2",
};

/** What another model version says differently of this scan. */
export function Changes({ scan }: { scan: Scan }) {
  const models = useLoaded("models", () => got(api.GET("/v1/models")));
  const [versions, setVersions] = useState<{ before?: string; after?: string }>({});
  return (
    <div class="stack">
      <p>
        Compares two model versions that have both screened this scan: <em>Screen again</em> with
        another version first.
      </p>
      <Shown loaded={models}>
        {({ items }) => {
          const active = items.find(({ is_active }) => is_active);
          const after = versions.after ?? active?.version ?? "";
          const before = versions.before ?? active?.replaced_version ?? "";
          return (
            <>
              <div class="row">
                <Choice
                  label="Earlier version"
                  items={items}
                  value={before}
                  onValue={(version) => setVersions({ ...versions, before: version })}
                />
                <Choice
                  label="Later version"
                  items={items}
                  value={after}
                  onValue={(version) => setVersions({ ...versions, after: version })}
                />
              </div>
              {before && after && before !== after ? (
                <Listed scanId={scan.id} before={before} after={after} />
              ) : (
                <Empty title="Choose two different versions" />
              )}
            </>
          );
        }}
      </Shown>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  items: readonly Schemas["ModelVersion"][];
  value: string;
  onValue: (version: string) => void;
}

function Choice({ label, items, value, onValue }: ChoiceProps) {
  return (
    <Field label={label}>
      {(wire) => (
        <select {...wire} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          <option value="">choose</option>
          {items.map(({ version }) => (
            <option key={version} value={version}>
              {version}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ListedProps {
  scanId: number;
  before: string;
  after: string;
}

function Listed({ scanId, before, after }: ListedProps) {
  const [counts, setCounts] = useState<Record<string, number>>({});
  const changes = usePages(`changes ${scanId} ${before} ${after}`, async (cursor) => {
    const query = { from: before, to: after, cursor };
    const path = { scan_id: scanId };
    const page = await got(api.GET("/v1/scans/{scan_id}/changes", { params: { path, query } }));
    setCounts(page.counts);
    return page;
  });
  if (changes.problem) return <ProblemNote problem={changes.problem} onRetry={changes.reload} />;
  if (!changes.hasMore && changes.items.length === 0) {
    return <Empty title="Both say the same of this scan" />;
  }
  return (
    <>
      <p>
        {Object.entries(KINDS).map(([kind, words]) => (
          <span key={kind} class="badge">
            {format.count(counts[kind] ?? 0)} {words}
          </span>
        ))}
      </p>
      <Table
        caption="Flakes of which the versions say different things"
        columns={columnsOf(scanId)}
        rows={changes.items}
        keyOf={({ flake_id }) => flake_id}
      />
      {changes.hasMore && (
        <Button onClick={changes.more} reason={changes.isLoading ? "Loading" : null}>
          Show more changes
        </Button>
      )}
    </>
  );
}

function columnsOf(scanId: number): Column<Change>[] {
  const p = (value: number | null) => (value === null ? "not found" : format.p(value));
  return [
    {
      head: "Flake",
      cell: ({ flake_id }) => (
        <a href={hrefOf(["scans", scanId, "map"], { flake: flake_id })}>{flake_id}</a>
      ),
    },
    { head: "What changed", cell: ({ kind }) => KINDS[kind] },
    { head: "p before", isNumber: true, cell: ({ p_before }) => p(p_before) },
    { head: "p after", isNumber: true, cell: ({ p_after }) => p(p_after) },
  ];
}
