import { useEffect, useState } from "preact/hooks";
import { FindScans } from "~/pages/scans/FindScans";
import { FirstSteps } from "~/pages/scans/FirstSteps";
import { ALL, findScans } from "~/pages/scans/find";
import { ScanRow } from "~/pages/scans/ScanRow";
import { Drop } from "~/pages/scans/upload/Drop";
import { Uploads } from "~/pages/scans/upload/Uploads";
import { useScans } from "~/pages/scans/use_scans";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { ProblemNote } from "~/parts/notes";

/** All scans, newest first, and what is being sent. */
export function ScanList() {
  const { scans, paces, now, refresh } = useScans();
  const { items, hasMore, isLoading, problem, total } = scans;
  const [asked, setAsked] = useState(ALL);
  const isAsked = asked.text.trim() !== "" || asked.order !== ALL.order;
  const { more } = scans;
  // Who searches means all scans, not only those that stand there already.
  const lacks = isAsked && hasMore && !isLoading && !problem;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page that has come
  useEffect(() => {
    if (lacks) more();
  }, [lacks, items.length]);
  const shown = isAsked ? findScans(items, asked) : items;
  const isEmpty = !hasMore && !isLoading && items.length === 0 && !problem;
  return (
    <div class="stack">
      <div class="page-head scans-head">
        <h1>Scans</h1>
        {total !== undefined && total > 0 && <span class="quiet">{format.count(total)}</span>}
      </div>
      <Drop onImported={refresh} />
      <Uploads />
      {problem && <ProblemNote problem={problem} onRetry={scans.reload} />}
      {isEmpty && <FirstSteps />}
      {items.length > 0 && <FindScans asked={asked} onAsked={setAsked} />}
      {items.length > 0 && shown.length === 0 && (
        <p class="quiet" role="status">
          {hasMore ? "Looking\u2026" : "No scan is called so."}
        </p>
      )}
      {shown.length > 0 && (
        <ul class="scans-list" aria-label="Scans">
          {shown.map((scan) => (
            <ScanRow key={scan.id} scan={scan} marks={paces.get(scan.id) ?? []} now={now} />
          ))}
        </ul>
      )}
      {isLoading && items.length === 0 && <p class="quiet">Loading…</p>}
      {hasMore && items.length > 0 && !isAsked && (
        <Button onClick={scans.more} reason={isLoading ? "Loading" : null}>
          Show older scans
        </Button>
      )}
    </div>
  );
}
