import type { Schemas } from "~/api/client";
import type { Unit } from "~/pages/map/lengths";
import { Button } from "~/parts/Button";
import { LayerBadge } from "~/parts/flake";
import * as format from "~/parts/format";

interface Props {
  flake: Schemas["Flake"];
  unit: Unit;
  onCopy: () => void;
}

/** What is known about a flake. */
export function Facts({ flake, unit, onCopy }: Props) {
  const hasPlace = unit === "um" && flake.centre_um !== null;
  return (
    <dl class="facts">
      <dt>Stage</dt>
      <dd class="map-stage">
        <span class="mono">{hasPlace ? format.stage(flake.centre_um) : format.UNKNOWN}</span>
        {hasPlace && (
          <Button title="Key C" label="Copy the stage position" onClick={onCopy}>
            Copy
          </Button>
        )}
      </dd>
      <dt>Model</dt>
      <dd>
        {flake.is_graphene ? "graphene" : "other"}, p {format.p(flake.p_graphene)}{" "}
        <span class="quiet">(graphene from {format.p(flake.threshold)})</span>
      </dd>
      <dt>Layers</dt>
      <dd>
        <LayerBadge layers={flake.layers} />{" "}
        {flake.layers_source && (
          <span class="quiet small">by {flake.layers_source.replace("_", " ")}</span>
        )}
      </dd>
      <dt>Area</dt>
      <dd>{format.area(flake.area_um2, flake.area_px)}</dd>
      <dt>Contrast</dt>
      <dd>
        {flake.contrast_rgb.map((value) => format.percent(value, 1)).join(" / ")}{" "}
        <span class="quiet small">red / green / blue</span>
      </dd>
      {flake.touches_border && (
        <>
          <dt>Border</dt>
          <dd>cut by the edge of its tile</dd>
        </>
      )}
      <dt>Version</dt>
      <dd class="map-version">{flake.model_version}</dd>
    </dl>
  );
}
