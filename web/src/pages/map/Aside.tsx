import type { AsideProps } from "~/pages/map/aside_props";
import { neighbour } from "~/pages/map/choice";
import { Details } from "~/pages/map/Details";
import { FlakeList } from "~/pages/map/FlakeList";

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
