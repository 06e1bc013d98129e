import { useEffect } from "preact/hooks";
import { Button } from "~/parts/Button";
import { count, total } from "~/parts/format";
import { Crops } from "./Crops";
import { fetchAhead, pairOf } from "./crops";
import type { Flake, Review } from "./desk";
import { Facts } from "./Facts";
import { History } from "./History";
import type { Item, List } from "./list";
import { Note } from "./Note";
import { Optics } from "./Optics";
import { fetchOptics } from "./optics";
import type { Where } from "./where";
import { reasonWords } from "./words";

interface Props {
  list: List;
  at: number;
  item: Item;
  where: Where;
  reviewOf: (flake: Flake) => Review | null;
  /** What is typed beside flakes, by their ids. */
  notes: Map<number, string>;
  onMove: (index: number) => void;
}

// Neighbours whose pictures come before they are looked at: most people go forwards.
const AHEAD = [1, 2, 3, -1];

/** One flake, large, with everything that is known of it. */
export function Single({ list, at, item, where, reviewOf, notes, onMove }: Props) {
  const { flake, reasons } = item;
  const review = reviewOf(flake);
  useAhead(list, at, where.isOutlined);
  // The gallery may have been scrolled far down.
  useEffect(() => scrollTo(0, 0), []);
  const of = Math.max(list.total ?? 0, list.items.length);
  const isLast = at + 1 >= list.items.length;
  return (
    <div class="single">
      <div class="single-look">
        <div class="row spread">
          <h2>
            Flake {flake.id}{" "}
            <span class="quiet">
              {count(at + 1)} of{" "}
              {total(of, list.total === undefined ? !list.hasMore : list.isExact)}
            </span>
          </h2>
          <div class="row">
            <Button
              onClick={() => onMove(at - 1)}
              label="Previous"
              reason={at > 0 ? null : "This is the first."}
            >
              ← Previous
            </Button>
            <Button
              onClick={() => onMove(at + 1)}
              label="Next"
              reason={isLast ? "This is the last." : null}
            >
              Next →
            </Button>
          </div>
        </div>
        {reasons.length > 0 && (
          <p class="single-why">
            <strong>Why this one:</strong>{" "}
            {reasons.map((reason) => reasonWords(reason, flake)).join("; ")}.
          </p>
        )}
        <Crops flakeId={flake.id} isOutlined={where.isOutlined} />
        <Facts flake={flake} review={review} />
      </div>
      <aside class="single-side" aria-label="Layers, note and reviews">
        <Optics flake={flake} layers={review?.layers ?? flake.layers} />
        <Note key={flake.id} flake={flake} review={review} notes={notes} change={list.change} />
        <History flake={flake} />
      </aside>
    </div>
  );
}

function useAhead({ items }: List, at: number, isOutlined: boolean): void {
  const near = AHEAD.flatMap((step) => items[at + step]?.flake.id ?? []).join();
  useEffect(() => {
    for (const id of near.split(",").filter(Boolean).map(Number)) {
      fetchAhead(Object.values(pairOf(id, isOutlined)));
      fetchOptics(id);
    }
  }, [near, isOutlined]);
}
