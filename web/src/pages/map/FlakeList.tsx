import { useEffect, useRef, useState } from "preact/hooks";
import type { AsideProps } from "~/pages/map/aside_props";
import { lookOf, looksOf } from "~/pages/map/looks";
import type { MapPlace, Sort } from "~/pages/map/place";
import { Swatch } from "~/pages/map/Swatch";
import type { MapFlakes } from "~/pages/map/types";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";

// As many as one looks through; the rest is a button away.
const PAGE = 60;

type Props = Pick<AsideProps, "flakes" | "near" | "place" | "change" | "onVisit" | "onPoint">;

/** The flakes in view as a list: the map for who does not see it, or has no mouse at hand. */
export function FlakeList({ flakes, near, place, change, onVisit, onPoint }: Props) {
  const [most, setMost] = useState(PAGE);
  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list starts short again
  useEffect(() => setMost(PAGE), [place.filter, place.sort]);
  return (
    <section class="map-list" aria-label="Flakes in view">
      <div class="row spread">
        <h2>{format.count(near.length)} in view</h2>
        <select
          aria-label="Order of the list"
          value={place.sort}
          onChange={(event) => change({ sort: event.currentTarget.value as Sort })}
        >
          <option value="-area_um2">largest first</option>
          <option value="-p_graphene">surest first</option>
          <option value="p_graphene">least sure first</option>
          <option value="id">by id</option>
        </select>
      </div>
      {flakes && near.length === 0 && <Nothing total={flakes.total} />}
      <ul ref={list} onKeyDown={(event) => step(event, list.current)}>
        {flakes &&
          near
            .slice(0, most)
            .map((at) => (
              <Entry
                key={flakes.id[at]}
                flakes={flakes}
                at={at}
                place={place}
                onVisit={onVisit}
                onPoint={onPoint}
              />
            ))}
      </ul>
      {near.length > most && (
        <Button onClick={() => setMost(most + PAGE)}>
          Show more ({format.count(near.length - most)} left)
        </Button>
      )}
    </section>
  );
}

function Nothing({ total }: { total: number }) {
  return (
    <p class="quiet small">
      {total === 0
        ? "No flake was found on this chip so far."
        : "No flake here that the filters let through. Zoom out (0), or show all."}
    </p>
  );
}

interface EntryProps {
  flakes: MapFlakes;
  at: number;
  place: MapPlace;
  onVisit: Props["onVisit"];
  onPoint: Props["onPoint"];
}

function Entry({ flakes, at, place, onVisit, onPoint }: EntryProps) {
  const id = flakes.id[at];
  const look = looksOf(place.colourBy)[lookOf(flakes, at, place.colourBy)];
  const layers = flakes.layers[at];
  return (
    <li>
      <button
        type="button"
        aria-current={id === place.flake ? "true" : undefined}
        onClick={() => onVisit(id)}
        onFocus={() => onPoint(at)}
        onBlur={() => onPoint(undefined)}
        onMouseEnter={() => onPoint(at)}
        onMouseLeave={() => onPoint(undefined)}
      >
        {look && <Swatch look={look} />}
        <span class="unseen">{look?.name}, flake</span>
        <span class="map-list-id">{id}</span>
        <span>p {format.p(flakes.p_graphene[at])}</span>
        <span>{layers == null ? "? layers" : format.layers(layers)}</span>
        <span class="number">{format.area(flakes.area_um2[at], flakes.area_px[at])}</span>
      </button>
    </li>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** Arrows go through the list. */
function step(event: KeyboardEvent, list: HTMLElement | null): void {
  const by = STEPS[event.key];
  if (!by || !list) return;
  const buttons = [...list.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[at + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
