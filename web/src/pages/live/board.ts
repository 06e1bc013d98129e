/** What is known of a scan's tiles while it runs: bounded, and cheap to change at any pace. */
import type { Schemas } from "~/api/client";
import type { EventKinds } from "~/api/events";

type Tile = Schemas["Tile"];

export interface Square {
  id: number;
  name: string | null;
  row: number | null;
  col: number | null;
  /** Stage position of its middle, um. */
  x: number | null;
  y: number | null;
  /** What it covers, um. */
  width: number | null;
  height: number | null;
  state: string;
  graphene: number;
  /** null: not measured, or no edge to measure by. */
  focus: number | null;
  screenedAt: string;
}

export interface Failure {
  id: number;
  name: string | null;
  error: string | null;
}

const MOST_RECENT = 6;
const MOST_FAILURES = 20;

export class Board {
  readonly squares = new Map<number, Square>();
  /** Ids of the tiles that were screened last, newest first. */
  recent: readonly number[] = [];
  /** Newest first. */
  failures: readonly Failure[] = [];
  /** Tiles that were told since the page was opened, and graphene flakes on them. */
  heard = 0;
  graphene = 0;

  hearScreened(event: EventKinds["tile_screened"]): void {
    const { tile_id: id, name, row, col, graphene } = event;
    this.heard += 1;
    this.graphene += graphene;
    this.put({ id, name, row, col, graphene, state: "screened", screenedAt: event.at });
    this.failures = this.failures.filter((one) => one.id !== id);
    this.recent = [id, ...this.recent.filter((one) => one !== id)].slice(0, MOST_RECENT);
  }

  hearFailed(event: EventKinds["tile_failed"]): void {
    const { tile_id: id, name, row, col, error } = event;
    this.heard += 1;
    this.put({ id, name, row, col, state: "failed" });
    this.addFailure({ id, name, error });
  }

  /** Take what the list of tiles says of them. */
  read(tiles: readonly Tile[]): void {
    for (const tile of tiles) {
      this.put(squareOf(tile));
      if (tile.state === "failed") this.addFailure(tile);
    }
  }

  /** Graphene flakes that were found before the page was opened. */
  readFlakes(flakes: readonly { tile_id: number | null }[]): void {
    for (const { tile_id } of flakes) {
      const square = tile_id === null ? undefined : this.squares.get(tile_id);
      if (square && square.graphene === 0) this.put({ ...square, graphene: 1 });
    }
  }

  private put(change: Partial<Square> & { id: number }): void {
    this.squares.set(change.id, { ...EMPTY, ...this.squares.get(change.id), ...change });
  }

  private addFailure({ id, name, error }: Failure): void {
    const others = this.failures.filter((one) => one.id !== id);
    this.failures = [{ id, name, error }, ...others].slice(0, MOST_FAILURES);
  }
}

const EMPTY: Omit<Square, "id"> = {
  name: null,
  row: null,
  col: null,
  x: null,
  y: null,
  width: null,
  height: null,
  state: "queued",
  graphene: 0,
  focus: null,
  screenedAt: "",
};

function squareOf(tile: Tile): Omit<Square, "graphene"> {
  const scale = tile.um_per_px;
  const um = (px: number | null) => (px === null || scale === null ? null : px * scale);
  return {
    id: tile.id,
    name: tile.name,
    row: tile.row,
    col: tile.col,
    x: tile.corrected_x_um ?? tile.stage_x_um,
    y: tile.corrected_y_um ?? tile.stage_y_um,
    width: um(tile.width_px),
    height: um(tile.height_px),
    state: tile.state,
    focus: tile.light && tile.light.focus > 0 ? tile.light.focus : null,
    screenedAt: tile.screened_at ?? "",
  };
}
