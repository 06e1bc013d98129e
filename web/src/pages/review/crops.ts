import { urlOf } from "~/api/client";

export interface Look {
  isContrast: boolean;
  isOutlined: boolean;
  /** Longer side on the screen, in CSS pixels. */
  sizePx: number;
  /** What is shown around the flake, in shares of its longer side. */
  margin: number;
}

// Pictures come in steps, so that the browser finds again what it has; the service allows 1024.
const STEP_PX = 64;
const MOST_PX = 1024;

/** Address of a flake's picture. */
export function cropOf(flakeId: number, look: Look): string {
  const wanted = Math.ceil((look.sizePx * Math.min(scale(), 2)) / STEP_PX) * STEP_PX;
  return urlOf(`/v1/flakes/${flakeId}/crop.png`, {
    view: look.isContrast ? "contrast" : "colour",
    outline: String(look.isOutlined),
    margin: look.margin,
    size_px: Math.min(wanted, MOST_PX),
  });
}

function scale(): number {
  return globalThis.devicePixelRatio || 1;
}

/** Around the large picture: the flake and its neighbourhood. */
const SINGLE = { margin: 0.75, sizePx: 512 };

/** The two pictures of the single view: in colour and in contrast. */
export function pairOf(flakeId: number, isOutlined: boolean): { colour: string; contrast: string } {
  return {
    colour: cropOf(flakeId, { ...SINGLE, isContrast: false, isOutlined }),
    contrast: cropOf(flakeId, { ...SINGLE, isContrast: true, isOutlined }),
  };
}

// The browser drops a picture that nothing refers to, even while it comes.
const kept: HTMLImageElement[] = [];
const MOST_KEPT = 16;

/** Have pictures come before they are looked at. */
export function fetchAhead(urls: readonly string[]): void {
  for (const url of urls) {
    if (kept.some((image) => image.src === url)) continue;
    const image = new Image();
    image.src = url;
    kept.push(image);
  }
  kept.splice(0, Math.max(kept.length - MOST_KEPT, 0));
}
