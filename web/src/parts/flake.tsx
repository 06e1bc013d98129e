import type { ComponentChildren } from "preact";
import { type Schemas, urlOf } from "~/api/client";
import * as format from "~/parts/format";

type Flake = Schemas["Flake"];

/** How many layers, as a word with its colour. */
export function LayerBadge({ layers }: { layers: number | null }) {
  const name = layers !== null && layers <= 4 ? String(layers) : "unknown";
  return (
    <span class="badge">
      <span class="badge-dot" style={{ background: `var(--layers-${name})` }} aria-hidden="true" />
      {layers === null ? "layers unknown" : format.layers(layers)}
    </span>
  );
}

const VERDICTS: Record<string, string> = {
  graphene: "graphene",
  not_graphene: "not graphene",
  unsure: "unsure",
};

/** What a person has said about a flake, or that nobody has. */
export function VerdictBadge({ review }: { review: Flake["review"] }) {
  if (!review) return <span class="badge">not reviewed</span>;
  const kind = { graphene: "is-good", not_graphene: "is-bad" }[review.label as string] ?? "is-warn";
  return <span class={`badge ${kind}`}>{VERDICTS[review.label] ?? review.label}</span>;
}

/** Address of a flake's picture. */
export function cropUrl(flakeId: number): string {
  return urlOf(`/v1/flakes/${flakeId}/crop.png`);
}

interface CardProps {
  /** Of a flake, or of an event that names one. */
  flake: { id: number | null; p_graphene: number; layers: number | null; area_um2: number | null };
  href?: string;
  /** More lines below. */
  children?: ComponentChildren;
}

/** A flake as a picture with its figures; with `href` it is a link. */
export function FlakeCard({ flake, href, children }: CardProps) {
  const inside = (
    <>
      {flake.id !== null && (
        <img src={cropUrl(flake.id)} alt={`Flake ${flake.id}`} loading="lazy" decoding="async" />
      )}
      <span class="flake-card-text">
        <span>p {format.p(flake.p_graphene)}</span>
        <span>{format.um2(flake.area_um2)}</span>
        <LayerBadge layers={flake.layers} />
        {children}
      </span>
    </>
  );
  return href ? (
    <a class="flake-card" href={href}>
      {inside}
    </a>
  ) : (
    <div class="flake-card">{inside}</div>
  );
}
