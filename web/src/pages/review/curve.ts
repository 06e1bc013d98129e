import type { Schemas } from "~/api/client";
import { SERIES } from "~/parts/colours";
import type { Line } from "~/parts/Plot";
import { contrast } from "./words";

type Optics = Schemas["FlakeOptics"];

/** In this order each channel gets the colour of the plot's series that is nearest to its own. */
export const CHANNELS = [
  { name: "blue", index: 2, colour: SERIES[0], dash: "solid" },
  { name: "red", index: 0, colour: SERIES[1], dash: "dashed" },
  { name: "green", index: 1, colour: SERIES[2], dash: "dotted" },
] as const;

export interface Curve {
  x: number[];
  lines: Line[];
  description: string;
}

/**
 * Expected contrast over the number of layers, and this flake's own beside it, at the number of
 * layers that counts: the badge, the words and the rings say one thing.
 */
export function curveOf(read: Optics, layers = read.layers): Curve {
  const optics = { ...read, layers };
  const x = optics.curve.map((point) => point.layers);
  const expected = CHANNELS.map(({ name, index }) => ({
    label: `${name}, expected`,
    y: optics.curve.map((point) => point.contrast_rgb[index]),
    sigma: optics.curve.map((point) => point.sigma_rgb[index]),
  }));
  const measured = CHANNELS.map(({ name, index }, like) => ({
    label: `${name}, this flake`,
    y: measuredAt(x, optics.layers, optics.contrast_rgb[index]),
    isPoints: true,
    like,
  }));
  return { x, lines: [...expected, ...measured], description: describe(optics) };
}

// So many standard deviations beside the curve hardly a flake of that many layers lies.
const MOST_SIGMA = 3;

/** Whether the rings lie off the curve in some channel at this number of layers. */
export function fitsBadly({ contrast_rgb, curve }: Optics, layers: number | null): boolean {
  const point = curve.find((one) => one.layers === layers);
  if (!point) return false;
  return contrast_rgb.some(
    (own, channel) =>
      Math.abs(own - (point.contrast_rgb[channel] ?? own)) >
      MOST_SIGMA * (point.sigma_rgb[channel] ?? 0),
  );
}

/** A point where the layers are known; else a row of points, which shows what it would cross. */
function measuredAt(x: readonly number[], layers: number | null, y: number): (number | null)[] {
  const isKnown = layers !== null && x.includes(layers);
  return x.map((at) => (!isKnown || at === layers ? y : null));
}

function describe({ contrast_rgb, layers, curve }: Optics): string {
  const [r, g, b] = contrast_rgb.map(contrast);
  const own = `This flake's contrast is red ${r}, green ${g}, blue ${b}.`;
  const point = curve.find((one) => one.layers === layers);
  if (!point) return `${own} It fits no number of layers.`;
  const [er, eg, eb] = point.contrast_rgb.map(contrast);
  const noun = layers === 1 ? "layer" : "layers";
  return `${own} Expected of ${layers} ${noun}: red ${er}, green ${eg}, blue ${eb}.`;
}
