import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "~/parts/Button";
import { Card } from "./Card";
import type { Flake, Review } from "./desk";
import type { List } from "./list";
import { extended, type Selection, toggled } from "./selection";
import type { Size, Where } from "./where";

interface Props {
  list: List;
  /** Index of the current one. */
  at: number;
  where: Where;
  reviewOf: (flake: Flake) => Review | null;
  grid: RefObject<HTMLDivElement | null>;
  selection: Selection;
  onSelect: (selection: Selection) => void;
  onShow: (index: number) => void;
  onOpen: () => void;
}

/** Sides of the pictures, in CSS pixels; `review.css` has the same. */
const SIDE_PX: Record<Size, number> = { small: 104, medium: 168, large: 264 };

/** Many flakes at once. */
export function Gallery(props: Props) {
  const { list, at, where, grid, selection, onSelect, onShow } = props;
  const order = list.items.map(({ flake }) => flake.id);
  useCurrentInSight(grid, order[at]);
  const choose = (event: MouseEvent, index: number) => {
    const [from, id] = [order[at], order[index]];
    if (id === undefined || from === undefined) return;
    if (event.shiftKey) onSelect(extended(selection, order, from, id));
    else if (event.ctrlKey || event.metaKey) onSelect(toggled(selection, id));
    onShow(index);
  };
  return (
    <div class="review-gallery">
      <div
        ref={grid}
        role="listbox"
        aria-label="Flakes"
        aria-multiselectable="true"
        class={`review-grid is-${where.size}`}
      >
        {list.items.map(({ flake, reasons }, index) => (
          <Card
            key={flake.id}
            flake={flake}
            reasons={reasons}
            review={props.reviewOf(flake)}
            isCurrent={index === at}
            isSelected={selection.ids.has(flake.id)}
            look={{ ...where, sizePx: SIDE_PX[where.size], margin: 0.5 }}
            isSmall={where.size === "small"}
            onChoose={(event) => choose(event, index)}
            onOpen={props.onOpen}
          />
        ))}
      </div>
      <More list={list} />
    </div>
  );
}

/** Who moves by keys, or comes back from a single flake, finds the current one in sight and in focus. */
function useCurrentInSight(grid: RefObject<HTMLDivElement | null>, id: number | undefined): void {
  useEffect(() => {
    const card = grid.current?.querySelector<HTMLElement>(`[data-flake="${id}"]`);
    // Somebody who types, or sits on a button, is not torn away.
    const { activeElement: active, body } = document;
    const isFree = !active || active === body || active.matches("main, [role=option]");
    if (isFree) card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest" });
  }, [grid, id]);
}

/** The end of what was read: the next page comes when it is seen. */
function More({ list }: { list: List }) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(list);
  latest.current = list;
  useEffect(() => {
    const element = end.current;
    if (!element) return;
    const watch = new IntersectionObserver(
      ([seen]) => {
        if (seen?.isIntersecting) latest.current.more();
      },
      { rootMargin: "600px" },
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={end} class="review-more quiet">
      {list.hasMore ? (
        <Button onClick={list.more}>Show more</Button>
      ) : (
        "This is the end of the list."
      )}
    </div>
  );
}
