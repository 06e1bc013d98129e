import { neighbour } from "~/pages/map/choice";
import { Details } from "~/pages/map/Details";
import { FlakeList } from "~/pages/map/FlakeList";
import type { Unit } from "~/pages/map/lengths";
import type { MapPlace } from "~/pages/map/place";
import type { Label, MapFlakes, Scan } from "~/pages/map/types";

export interface AsideProps {
  scan: Scan;
  unit: Unit;
  flakes: MapFlakes | undefined;
  /** Rows of the flakes in view, as they are sorted. */
  near: readonly number[];
  /** Ids of all that are shown, as they are sorted. */
  ids: readonly number[];
  place: MapPlace;
  change: (changed: Partial<MapPlace>) => void;
  onVisit: (id: number | undefined) => void;
  onPoint: (at: number | undefined) => void;
  onJudge: (label: Label | null) => Promise<void>;
  onCopy: () => void;
}

/** Beside the map: the chosen flake above, below it the list of what is in view. */
export function Aside(props: AsideProps) {
  const { place, ids, change, onVisit } = props;
  const step = (by: 1 | -1) => onVisit(neighbour(ids, place.flake, by));
  return (
    <aside class="map-aside" aria-label="Flakes">
      {place.flake !== null && (
        <Details
          key={place.flake}
          id={place.flake}
          scan={props.scan}
          unit={props.unit}
          at={ids.indexOf(place.flake)}
          of={ids.length}
          onStep={step}
          onJudge={props.onJudge}
          onCopy={props.onCopy}
          onClose={() => change({ flake: null })}
        />
      )}
      <FlakeList {...props} />
    </aside>
  );
}
