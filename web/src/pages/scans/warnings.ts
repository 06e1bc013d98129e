/** What must be known of a scan before its coordinates or layers are trusted. */
import type { Schemas } from "~/api/client";
import * as format from "~/parts/format";

type Scan = Schemas["Scan"];
type Optics = Schemas["ScanOptics"];

export interface ScanWarning {
  text: string;
  /** Tiles that it is about, the worst first. */
  tiles?: readonly { id: number; name: string }[];
  /** What the oxide should be said to be. */
  oxideNm?: number;
}

// The worst tell what happened; all are in the table of tiles.
const MOST_TILES = 3;
// What a run said of the light at its end; told here from the tiles as they are now.
const LIGHT = /tiles are under another light/;

export function warningsOf(scan: Scan, optics: Optics | undefined): ScanWarning[] {
  const said = scan.warnings.filter((text) => !optics || !LIGHT.test(text));
  return [
    ...said.map((text) => ({ text })),
    ...(optics ? [...driftOf(optics), ...oxideOf(scan, optics)] : []),
    ...scaleOf(scan),
  ];
}

function driftOf({ drift, tiles_compared }: Optics): ScanWarning[] {
  const [worst] = drift;
  if (!worst) return [];
  const few = drift.length === 1 ? "tile is" : "tiles are";
  const text = `${format.count(drift.length)} of ${format.count(tiles_compared)} ${few} under another light. The worst is ${worst.name}: ${worst.warning}`;
  return [
    { text, tiles: drift.slice(0, MOST_TILES).map((one) => ({ id: one.tile_id, name: one.name })) },
  ];
}

// So many standard deviations apart two statements of one oxide are not the same.
const MOST_SIGMA = 3;
// Wafers of one batch differ by about this, and their colours hardly.
const SAME_NM = 10;

function oxideOf({ oxide_nm }: Scan, { oxide }: Optics): ScanWarning[] {
  if (oxide_nm === null || !oxide?.confident) return [];
  const off = Math.abs(oxide.oxide_nm - oxide_nm);
  if (off < SAME_NM || off < MOST_SIGMA * oxide.sigma_nm) return [];
  const found = Math.round(oxide.oxide_nm);
  return [
    {
      text: `Its oxide is said to be ${oxide_nm} nm; its flakes look like ${found} \u00b1 ${Math.max(Math.round(oxide.sigma_nm), 1)} nm. Layers are read by what is said, so they may be wrong.`,
      oxideNm: found,
    },
  ];
}

function scaleOf({ um_per_px, affine, tiles }: Scan): ScanWarning[] {
  if (um_per_px !== null || affine !== null || tiles.screened === 0) return [];
  return [
    {
      text: "Its scale is unknown: areas are in pixels, and flakes have no stage position unless their tiles bring a scale.",
    },
  ];
}
