import { useMemo } from "preact/hooks";
import { lookOf, looksOf } from "~/pages/map/looks";
import type { ColourBy, MapPlace } from "~/pages/map/place";
import { Swatch } from "~/pages/map/Swatch";
import type { MapFlakes } from "~/pages/map/types";
import * as format from "~/parts/format";

interface Props {
  flakes: MapFlakes | undefined;
  rows: readonly number[];
  colourBy: ColourBy;
  change: (changed: Partial<MapPlace>) => void;
}

/** What the colours, lines and marks mean, and how many of each are shown. */
export function Legend({ flakes, rows, colourBy, change }: Props) {
  const looks = looksOf(colourBy);
  const counts = useMemo(() => {
    const each = looks.map(() => 0);
    if (flakes) {
      for (const at of rows) {
        const look = lookOf(flakes, at, colourBy);
        each[look] = (each[look] ?? 0) + 1;
      }
    }
    return each;
  }, [flakes, rows, colourBy, looks]);
  const present = looks.map((look, at) => ({ look, count: counts[at] ?? 0 }));
  return (
    <div class="map-legend">
      <label class="small">
        Colour by{" "}
        <select
          value={colourBy}
          onChange={(event) => change({ colourBy: event.currentTarget.value as ColourBy })}
        >
          <option value="class">class</option>
          <option value="layers">layers</option>
          <option value="p">confidence</option>
        </select>
      </label>
      <ul>
        {present
          .filter(({ count }) => count > 0)
          .toReversed()
          .map(({ look, count }) => (
            <li key={look.key}>
              <Swatch look={look} hasLine />
              <span>{look.name}</span>
              <span class="number quiet">{format.count(count)}</span>
            </li>
          ))}
      </ul>
    </div>
  );
}
