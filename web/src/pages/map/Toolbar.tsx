import { useState } from "preact/hooks";
import { Downloads } from "~/pages/map/Downloads";
import { Filters } from "~/pages/map/Filters";
import type { MapPlace } from "~/pages/map/place";
import { Search } from "~/pages/map/Search";
import type { MapFlakes, Point, Scan } from "~/pages/map/types";
import { Button } from "~/parts/Button";
import { copyText } from "~/parts/copy";
import * as format from "~/parts/format";
import { hrefOf } from "~/router";

interface Props {
  scan: Scan;
  place: MapPlace;
  change: (changed: Partial<MapPlace>) => void;
  /** How many flakes the filters let through. */
  shown: number;
  flakes: MapFlakes | undefined;
  onVisit: (id: number) => void;
  onPlace: (point: Point) => void;
}

/** Name of the scan, search, links, and the filters. */
export function Toolbar({ scan, place, change, shown, flakes, onVisit, onPlace }: Props) {
  const [isOpen, setOpen] = useState(false);
  const copyLink = () => {
    // What was moved a moment ago is not in the address yet.
    change({});
    return copyText(location.href);
  };
  return (
    <div class="map-toolbar">
      <div class="map-head">
        <h1>
          <a href={hrefOf(["scans", scan.id])}>{scan.name}</a>
        </h1>
        <output class="map-count">{countText(shown, flakes)}</output>
        <span class="map-about quiet small">{describe(scan)}</span>
        <span class="map-push" />
        <Search flakes={flakes} onVisit={onVisit} onPlace={onPlace} />
        <Button onClick={copyLink}>Copy link</Button>
        <Button onClick={() => setOpen(true)}>Download…</Button>
        <a class="button" href={hrefOf(["scans", scan.id, "review"])}>
          Review
        </a>
      </div>
      <Filters filter={place.filter} change={(filter) => change({ filter })} />
      <Downloads
        scan={scan}
        place={place}
        shown={shown}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
      />
    </div>
  );
}

function countText(shown: number, flakes: MapFlakes | undefined): string {
  if (!flakes) return "Loading flakes…";
  return `${format.count(shown)} of ${format.count(flakes.total)} flakes`;
}

function describe(scan: Scan): string {
  const parts = [
    scan.material,
    scan.oxide_nm === null ? null : `${scan.oxide_nm} nm oxide`,
    `${format.count(scan.tiles.screened)} tiles`,
    scan.state,
  ];
  return parts.filter(Boolean).join(" \u00b7 ");
}
