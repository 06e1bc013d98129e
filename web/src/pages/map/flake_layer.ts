/** The layer of all flakes: one picture, painted beside the page, moved with the map until the next. */
import { containsExtent, getHeight, getWidth } from "ol/extent";
import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import type { Frame } from "~/pages/map/paint";
import type { Order } from "~/pages/map/painter.worker";
import { type Known, sceneOf } from "~/pages/map/scene";

// So much of what is seen is painted on each side of it: a drag by that much finds flakes there.
const MARGIN = 0.25;
// Stretched by more while the map moves, it is painted anew before the map rests.
const MOST_STRETCH = 1.5;

export class FlakeLayer {
  readonly layer: Layer;
  private readonly canvas = document.createElement("canvas");
  // OpenLayers takes all styles from canvases inside its map: what is placed is a box around it.
  private readonly place = document.createElement("div");
  private readonly painter = new Worker(new URL("./painter.worker.ts", import.meta.url), {
    type: "module",
  });
  private hasScene = false;
  /** What the canvas shows. */
  private shown: Frame | undefined;
  private isCurrent = false;
  /** What is being painted. */
  private asked: Frame | undefined;

  constructor() {
    this.place.className = "map-flakes";
    this.place.append(this.canvas);
    this.layer = new Layer({ render: (state) => this.render(state) });
    this.painter.addEventListener("message", ({ data }: MessageEvent<ImageBitmap>) =>
      this.show(data),
    );
  }

  set(known: Known): void {
    this.order({ scene: sceneOf(known) });
    this.hasScene = true;
    this.isCurrent = false;
    this.layer.changed();
  }

  close(): void {
    this.painter.terminate();
  }

  private order(order: Order): void {
    const columns = "scene" in order ? order.scene : {};
    const parts = Object.values(columns).filter((one) => ArrayBuffer.isView(one));
    this.painter.postMessage(
      order,
      parts.map(({ buffer }) => buffer),
    );
  }

  private show(picture: ImageBitmap): void {
    const { canvas } = this;
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(picture);
    this.shown = this.asked;
    this.asked = undefined;
    this.layer.changed();
  }

  /** Called for each picture of the map. */
  private render(state: FrameState): HTMLElement {
    if (this.hasScene && !this.asked && !this.suffices(state)) {
      this.asked = frameOf(state);
      this.isCurrent = true;
      this.order({ frame: this.asked });
    }
    if (this.shown) moveTo(this.place, this.shown, state);
    return this.place;
  }

  private suffices({ extent, viewState, viewHints, pixelRatio }: FrameState): boolean {
    if (!this.shown || !this.isCurrent) return false;
    const { left, top, width, height, resolution } = this.shown;
    const box = [left, top - height * resolution, left + width * resolution, top];
    const stretch = (resolution * this.shown.pixelRatio) / viewState.resolution;
    const isMoving = viewHints.some((count) => count > 0);
    const isSharp = isMoving
      ? stretch < MOST_STRETCH && stretch > 1 / MOST_STRETCH
      : Math.abs(stretch - 1) < 1e-6 && this.shown.pixelRatio === pixelRatio;
    return isSharp && (!extent || containsExtent(box, extent));
  }
}

/** What is seen and a margin; its pixels fall on those of the screen. */
function frameOf({ extent, viewState, pixelRatio }: FrameState): Frame {
  const { resolution } = viewState;
  const seen = extent ?? [0, 0, 0, 0];
  const [across, along] = [getWidth(seen) / resolution, getHeight(seen) / resolution];
  const [dx, dy] = [Math.round(across * MARGIN), Math.round(along * MARGIN)];
  return {
    left: (seen[0] ?? 0) - dx * resolution,
    top: (seen[3] ?? 0) + dy * resolution,
    resolution: resolution / pixelRatio,
    width: Math.max(Math.round((across + 2 * dx) * pixelRatio), 1),
    height: Math.max(Math.round((along + 2 * dy) * pixelRatio), 1),
    pixelRatio,
  };
}

/** By a transform: the compositor moves it, the page does not draw. */
function moveTo(place: HTMLElement, frame: Frame, state: FrameState): void {
  const [a = 1, b = 0, c = 0, d = -1, e = 0, f = 0] = state.coordinateToPixelTransform;
  const { left, top, resolution } = frame;
  const matrix = [
    a * resolution,
    b * resolution,
    -c * resolution,
    -d * resolution,
    tidy(a * left + c * top + e),
    tidy(b * left + d * top + f),
  ];
  place.style.transform = `matrix(${matrix.join(",")})`;
}

// Rounding of large coordinates must not blur what lies on whole pixels.
function tidy(px: number): number {
  return Math.abs(px - Math.round(px)) < 1e-3 ? Math.round(px) : px;
}
