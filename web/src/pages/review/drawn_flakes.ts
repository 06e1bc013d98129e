import type { Flake, Review } from "./desk";

/** Flakes for tests. */
export function drawFlake(id: number, rest: Partial<Flake> = {}): Flake {
  return {
    id,
    scan_id: 1,
    tile_id: 2,
    p_graphene: 0.62,
    is_graphene: true,
    threshold: 0.5,
    model_version: "tiny",
    layers: 1,
    layers_source: "thin_film",
    area_px: 1250,
    area_um2: 184.7,
    bbox_px: [310, 122, 50, 41],
    centre_px: [335, 142],
    polygon_px: [],
    centre_um: null,
    polygon_um: null,
    contrast_rgb: [-0.13, -0.15, -0.07],
    touches_border: false,
    is_lost: false,
    review: null,
    ...rest,
  };
}

export function drawReview(id: number, rest: Partial<Review> = {}): Review {
  const created_at = "2026-11-20T10:27:00Z";
  return {
    id,
    label: "graphene",
    layers: null,
    note: null,
    reviewer: "local",
    created_at,
    ...rest,
  };
}
