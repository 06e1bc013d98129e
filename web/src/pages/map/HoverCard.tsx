import type { Board } from "~/pages/map/board";
import { cropOf } from "~/pages/map/crop";
import type { Unit } from "~/pages/map/lengths";
import { stageOf } from "~/pages/map/rows";
import type { MapFlakes } from "~/pages/map/types";
import * as format from "~/parts/format";

interface Props {
  flakes: MapFlakes;
  at: number;
  board: Board;
  unit: Unit;
}

const WIDTH_PX = 232;
const HEIGHT_PX = 300;
const GAP_PX = 18;

/** The flake under the pointer; the chosen one stays in the panel. */
export function HoverCard({ flakes, at, board, unit }: Props) {
  const id = flakes.id[at];
  const place = stageOf(flakes, at);
  const pixel = board.pixelOf(place);
  if (id === undefined || !pixel) return null;
  const [width, height] = board.size;
  const [px, py] = pixel;
  const left = px + GAP_PX + WIDTH_PX < width ? px + GAP_PX : px - GAP_PX - WIDTH_PX;
  const top = Math.min(Math.max(py - HEIGHT_PX / 3, 8), Math.max(height - HEIGHT_PX, 8));
  return (
    <div class="map-hover" style={{ left: `${left}px`, top: `${top}px` }} aria-hidden="true">
      <img key={id} src={cropOf(id, { outline: true })} alt="" />
      <dl class="facts">
        <dt>Flake</dt>
        <dd>{id}</dd>
        <dt>Class</dt>
        <dd>
          {flakes.is_graphene[at] ? "graphene" : "other"}, p {format.p(flakes.p_graphene[at])}
        </dd>
        <dt>Layers</dt>
        <dd>{format.layers(flakes.layers[at])}</dd>
        <dt>Area</dt>
        <dd>{format.um2(flakes.area_um2[at])}</dd>
        <dt>Stage</dt>
        <dd>{unit === "um" ? format.stage(place) : format.UNKNOWN}</dd>
        <dt>Review</dt>
        <dd>{flakes.label[at]?.replace("_", " ") ?? "not yet"}</dd>
      </dl>
    </div>
  );
}
