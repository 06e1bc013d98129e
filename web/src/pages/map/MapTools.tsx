import { Help } from "~/pages/map/Help";
import type { Action } from "~/pages/map/keys";
import type { What } from "~/pages/map/measure";
import type { Layer, MapPlace } from "~/pages/map/place";
import type { ChipMap } from "~/pages/map/types";
import { Button } from "~/parts/Button";

interface Props {
  isHelp: boolean;
  onHelp: (isOpen: boolean) => void;
  chip: ChipMap;
  place: MapPlace;
  change: (changed: Partial<MapPlace>) => void;
  act: (action: Action) => void;
  measured: What | null;
}

const SWITCHES: readonly { layer: Layer; name: string }[] = [
  { layer: "tiles", name: "Tiles" },
  { layer: "outlines", name: "Flakes" },
  { layer: "labels", name: "Labels" },
];

/** Buttons that lie on the map. */
export function MapTools({ chip, place, change, act, measured, isHelp, onHelp }: Props) {
  const { hidden } = place;
  const toggle = (layer: Layer) =>
    change({
      hidden: hidden.includes(layer) ? hidden.filter((one) => one !== layer) : [...hidden, layer],
    });
  return (
    <div class="map-tools">
      <fieldset>
        <legend class="unseen">Zoom</legend>
        <Button label="Nearer" title="Nearer (+)" onClick={() => act("nearer")}>
          +
        </Button>
        <Button label="Farther" title="Farther (-)" onClick={() => act("farther")}>
          −
        </Button>
        <Button title="Whole chip (0)" onClick={() => act("all")}>
          Whole chip
        </Button>
      </fieldset>
      <fieldset>
        <legend class="unseen">Show on the map</legend>
        {SWITCHES.map(({ layer, name }) => (
          <Button key={layer} isPressed={!hidden.includes(layer)} onClick={() => toggle(layer)}>
            {name}
          </Button>
        ))}
        {chip.camera_turn_deg !== 0 && (
          <Button
            isPressed={place.isTurned}
            title="Turn the map so that it stands as the camera sees it"
            onClick={() => change({ isTurned: !place.isTurned })}
          >
            As the camera
          </Button>
        )}
      </fieldset>
      <fieldset>
        <legend class="unseen">Tools</legend>
        <Button
          title="Measure a distance (M)"
          isPressed={measured === "distance"}
          onClick={() => act("distance")}
        >
          Distance
        </Button>
        <Button
          title="Measure an area (Shift and M)"
          isPressed={measured === "area"}
          onClick={() => act("area")}
        >
          Area
        </Button>
        <Button onClick={() => onHelp(true)}>Keys</Button>
      </fieldset>
      <Help isOpen={isHelp} onClose={() => onHelp(false)} />
    </div>
  );
}
