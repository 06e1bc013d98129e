import { urlOf } from "~/api/client";

interface Look {
  view?: "colour" | "contrast";
  outline?: boolean;
  sizePx?: number;
}

// On a screen with two pixels per CSS pixel the panel's pictures are about as large.
const SIZE_PX = 320;

/** Address of a flake's picture in colour or in contrast, with or without its outline. */
export function cropOf(id: number, { view = "colour", outline = false, sizePx = SIZE_PX }: Look) {
  return urlOf(`/v1/flakes/${id}/crop.png`, {
    view,
    outline: String(outline),
    size_px: sizePx,
  });
}
