/** Paints flakes in a thread of its own: the map goes on moving while 50,000 are drawn. */
import { type Frame, paint } from "~/pages/map/paint";
import type { Scene } from "~/pages/map/scene";

/** A scene stays until the next; a frame is answered by its picture. */
export type Order = { scene: Scene } | { frame: Frame };

const canvas = new OffscreenCanvas(1, 1);
let scene: Scene | undefined;

addEventListener("message", ({ data }: MessageEvent<Order>) => {
  if ("scene" in data) {
    scene = data.scene;
    return;
  }
  const { frame } = data;
  // Also clears it.
  canvas.width = frame.width;
  canvas.height = frame.height;
  const pen = canvas.getContext("2d");
  if (pen && scene) paint(pen, scene, frame);
  const picture = canvas.transferToImageBitmap();
  postMessage(picture, { transfer: [picture] });
});
