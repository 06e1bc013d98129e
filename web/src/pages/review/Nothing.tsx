import { Button } from "~/parts/Button";
import { Empty, ProblemNote } from "~/parts/notes";
import { hrefOf } from "~/router";
import type { List } from "./list";
import type { Go } from "./use_where";
import { countFilters, NO_FILTERS, type Where } from "./where";

interface Props {
  list: List;
  scanId: number | undefined;
  where: Where;
  go: Go;
  onReload: () => void;
}

/** Why there is nothing to see, and what can be done about it. */
export function Nothing({ list, scanId, where, go, onReload }: Props) {
  if (list.problem) {
    return (
      <div class="review-nothing">
        <ProblemNote problem={list.problem} onRetry={onReload} />
      </div>
    );
  }
  if (list.items.length > 0) return null;
  if (list.isLoading) return <p class="review-nothing quiet">Loading…</p>;
  return (
    <div class="review-nothing">
      {where.from === "queue" && <QueueIsEmpty scanId={scanId} go={go} />}
      {where.from === "flakes" && <NoneMatch list={list} where={where} go={go} />}
    </div>
  );
}

function QueueIsEmpty({ scanId, go }: { scanId: number | undefined; go: Go }) {
  return (
    <Empty title="Nothing waits for a review">
      <p>
        Every flake {scanId === undefined ? "" : "of this scan "}was reviewed, or there is none.
      </p>
      <p class="row review-ways">
        <Button onClick={() => go({ from: "flakes", flake: null })}>Show all flakes</Button>
        <a class="button" href={hrefOf(["scans"])}>
          Go to the scans
        </a>
      </p>
    </Empty>
  );
}

function NoneMatch({ list, where, go }: Pick<Props, "list" | "where" | "go">) {
  if (list.hasMore) {
    return (
      <Empty title="None so far">
        <p>Many flakes were looked at and none matches. There are more.</p>
        <Button onClick={list.more}>Look on</Button>
      </Empty>
    );
  }
  if (countFilters(where) === 0) {
    return (
      <Empty title="No flakes">
        <p>Nothing was found here, or nothing was screened yet.</p>
        <a class="button" href={hrefOf(["scans"])}>
          Go to the scans
        </a>
      </Empty>
    );
  }
  return (
    <Empty title="No flake matches">
      <p>The filters leave nothing.</p>
      <Button onClick={() => go({ ...NO_FILTERS, flake: null })}>Clear the filters</Button>
    </Empty>
  );
}
