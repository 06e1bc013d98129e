/** The layer of all flakes: one picture, drawn anew when the map rests, moved while it moves. */
import ImageLayer from "ol/layer/Image";
import type { Projection } from "ol/proj";
import ImageCanvas from "ol/source/ImageCanvas";
import { paint, type Scene } from "~/pages/map/paint";

// So much more than is seen is drawn: a drag by a quarter of the window finds flakes there.
const RATIO = 1.5;

export class FlakeLayer {
  readonly layer: ImageLayer<ImageCanvas>;
  private scene: Scene | undefined;
  // Two in turn: one is shown while the other is drawn. A new one each time would be 10 MB.
  private readonly canvases = [
    document.createElement("canvas"),
    document.createElement("canvas"),
  ] as const;
  private turn = 0;

  constructor(projection: Projection) {
    const source = new ImageCanvas({
      projection,
      ratio: RATIO,
      canvasFunction: (extent, _resolution, pixelRatio, size) =>
        this.draw(extent, pixelRatio, size),
    });
    this.layer = new ImageLayer({ source });
  }

  set(scene: Scene): void {
    this.scene = scene;
    this.layer.getSource()?.changed();
  }

  private draw(extent: number[], pixelRatio: number, size: number[]): HTMLCanvasElement {
    this.turn = 1 - this.turn;
    const canvas = this.turn === 0 ? this.canvases[0] : this.canvases[1];
    const [left = 0, low = 0, right = 0, top = 0] = extent;
    const width = Math.round(size[0] ?? 1);
    const height = Math.round(size[1] ?? 1);
    // Also clears it.
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const resolution = Math.max((right - left) / width, (top - low) / height);
    if (context && this.scene) {
      paint(context, this.scene, { left, top, resolution, width, height, pixelRatio });
    }
    return canvas;
  }
}
