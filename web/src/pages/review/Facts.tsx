import type { ComponentChildren } from "preact";
import { LayerBadge, VerdictBadge } from "~/parts/flake";
import * as format from "~/parts/format";
import { useTileName } from "~/parts/tile_name";
import { hrefOf } from "~/router";
import type { Flake, Review } from "./desk";
import { contrast } from "./words";

const SOURCES: Record<string, string> = {
  thin_film: "by the thin-film model",
  substrate: "by contrasts measured on the substrate",
};

/** The figures of a flake, and what counts of it now. */
export function Facts({ flake, review }: { flake: Flake; review: Review | null }) {
  const rgb = flake.contrast_rgb.map(contrast).join("  ");
  return (
    <section class="card single-facts" aria-label="Figures">
      <dl class="single-figures">
        <Fact name="Verdict">
          <VerdictBadge review={review} />
          {review?.layers != null && <Detail>{format.layers(review.layers)}</Detail>}
        </Fact>
        <Fact name="Network">
          p {format.p(flake.p_graphene)}, {flake.is_graphene ? "graphene" : "not graphene"}
          <Detail>
            threshold {format.p(flake.threshold)}, {flake.model_version}
          </Detail>
        </Fact>
        <Fact name="Layers">
          <LayerBadge layers={flake.layers} />
          <Detail>{flake.layers === null ? "its contrast fits none" : sourceOf(flake)}</Detail>
        </Fact>
        <Fact name="Area">
          {format.um2(flake.area_um2)}
          <Detail>{format.count(flake.area_px)} px</Detail>
        </Fact>
        <Fact name="Contrast">
          {rgb}
          <Detail>red, green, blue</Detail>
        </Fact>
        <Fact name="Stage">{format.stage(flake.centre_um)}</Fact>
        <Fact name="Tile">
          <TileName flake={flake} />
        </Fact>
        <Fact name="Border">
          {flake.touches_border ? "cut by the border of its tile" : "whole on its tile"}
        </Fact>
        {flake.is_lost && <Fact name="Lost">no tile shows it any more; kept for its review</Fact>}
      </dl>
      {flake.scan_id !== null && (
        <p class="row single-links">
          <a href={hrefOf(["scans", flake.scan_id, "map"], { flake: flake.id })}>On the map</a>
          <a href={hrefOf(["scans", flake.scan_id])}>Its scan</a>
        </p>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Detail({ children }: { children: ComponentChildren }) {
  return <span class="small quiet single-detail">{children}</span>;
}

function sourceOf({ layers_source }: Flake): string {
  return layers_source === null ? format.UNKNOWN : (SOURCES[layers_source] ?? layers_source);
}

function TileName({ flake: { tile_id } }: { flake: Flake }) {
  const name = useTileName(tile_id);
  if (name) return <span class="single-tile">{name}</span>;
  return <>{tile_id === null ? format.UNKNOWN : `tile ${tile_id}`}</>;
}
