/** What each kind of event says; `at` and `scan_id` come with all of them (docs/review.md). */
interface Happened {
  at: string;
  scan_id: number | null;
}

interface OfTile extends Happened {
  scan_id: number;
  tile_id: number;
  name: string | null;
  row: number | null;
  col: number | null;
}

export interface EventKinds {
  scan_state: Happened & { scan_id: number; state: string; run: number; error: string | null };
  tile_screened: OfTile & {
    graphene: number;
    other: number;
    /** The surest 20 graphene flakes. */
    flakes: { id: number; p_graphene: number; layers: number | null; area_um2: number | null }[];
  };
  tile_failed: OfTile & { error: string | null };
  reviewed: Happened & {
    scan_id: number;
    by: string;
    /** What counts of each flake now; nulls where nothing was left by an undo. */
    reviews: {
      flake_id: number;
      label: "graphene" | "not_graphene" | "unsure" | null;
      layers: number | null;
      reviewer: string | null;
    }[];
  };
  training: Happened & {
    training_id: number;
    state: string;
    epoch: Record<string, unknown> | null;
    model_version: string | null;
    reason: string | null;
  };
  model_promoted: Happened & { version: string; promoted_by: string | null };
}

export type Kind = keyof EventKinds;

export const KINDS: readonly Kind[] = [
  "scan_state",
  "tile_screened",
  "tile_failed",
  "reviewed",
  "training",
  "model_promoted",
];
