import type { Schemas } from "~/api/client";

/** What optics say of a flake, for tests. */
export function drawOptics(rest: Partial<Schemas["FlakeOptics"]> = {}): Schemas["FlakeOptics"] {
  return {
    flake_id: 17,
    contrast_rgb: [-0.137, -0.14, -0.071],
    source: "thin_film",
    oxide: { oxide_nm: 90.4, sigma_nm: 3.1, source: "estimated" },
    substrate: null,
    curve: [
      { layers: 0, contrast_rgb: [0, 0, 0], sigma_rgb: [0, 0, 0] },
      { layers: 1, contrast_rgb: [-0.13, -0.15, -0.07], sigma_rgb: [0.02, 0.02, 0.03] },
      { layers: 2, contrast_rgb: [-0.25, -0.28, -0.12], sigma_rgb: [0.02, 0.02, 0.03] },
    ],
    layers: 1,
    layers_sigma: 0.2,
    p_thin: 0.99,
    probability: [
      { layers: 1, p: 0.93 },
      { layers: 2, p: 0.02 },
      { layers: 3, p: 0.001 },
    ],
    p_other: 0.05,
    ...rest,
  };
}
