import type { Unit } from "~/pages/map/lengths";
import type { MapPlace } from "~/pages/map/place";
import type { Label, MapFlakes, Scan } from "~/pages/map/types";

/** What the parts beside the map show. */
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
