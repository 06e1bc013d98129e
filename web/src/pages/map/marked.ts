/** What is marked on the map: the chosen flake, the one under the pointer, tiles that failed. */
import Feature from "ol/Feature";
import type Geometry from "ol/geom/Geometry";
import OlPoint from "ol/geom/Point";
import Polygon, { fromExtent } from "ol/geom/Polygon";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { type Sign, turned, turnedBox } from "~/pages/map/axes";
import type { Box, Point } from "~/pages/map/types";

/** A flake to mark: by its outline where that is known. */
export interface Marked {
  centre: Point;
  outline: readonly Point[] | undefined;
}

// Wider than any outline: it shows on both sides of the flake's own line, which lies above.
const CHOSEN = ring("#ffffff", 9);
const POINTED = ring("#ffffff", 6);

export class Marks {
  readonly layer: VectorLayer;
  readonly failedLayer: VectorLayer;
  readonly driftedLayer: VectorLayer;
  private readonly chosen = new Feature<Geometry>();
  private readonly pointed = new Feature<Geometry>();
  private readonly failed = new VectorSource();
  private readonly drifted = new VectorSource();

  constructor(private readonly sign: Sign) {
    this.chosen.setStyle(CHOSEN);
    this.pointed.setStyle(POINTED);
    this.layer = new VectorLayer({
      source: new VectorSource({ features: [this.pointed, this.chosen] }),
      updateWhileAnimating: true,
      updateWhileInteracting: true,
    });
    this.failedLayer = new VectorLayer({ source: this.failed, style: failedStyle() });
    this.driftedLayer = new VectorLayer({ source: this.drifted, style: DRIFTED });
  }

  choose(flake: Marked | undefined): void {
    this.chosen.setGeometry(this.geometryOf(flake));
  }

  point(flake: Marked | undefined): void {
    this.pointed.setGeometry(this.geometryOf(flake));
  }

  showFailed(boxes: readonly Box[]): void {
    this.showBoxes(this.failed, boxes);
  }

  /** Tiles under another light. */
  showDrifted(boxes: readonly Box[]): void {
    this.showBoxes(this.drifted, boxes);
  }

  private showBoxes(source: VectorSource, boxes: readonly Box[]): void {
    source.clear(true);
    source.addFeatures(boxes.map((box) => new Feature(fromExtent(turnedBox(box, this.sign)))));
  }

  private geometryOf(flake: Marked | undefined): Geometry | undefined {
    if (!flake) return undefined;
    if (!flake.outline) return new OlPoint(turned(flake.centre, this.sign));
    return new Polygon([flake.outline.map((point) => turned(point, this.sign))]);
  }
}

/** A white line with dark edges: seen on everything, and not one of the colours that mean something. */
function ring(colour: string, width: number): Style[] {
  const stroke = new Stroke({ color: colour, width });
  const edge = new Stroke({ color: "rgb(10 8 12 / 85%)", width: width + 3 });
  // Around a point that has no outline yet.
  const circle = new Stroke({ color: colour, width: 3 });
  const circleEdge = new Stroke({ color: "rgb(10 8 12 / 85%)", width: 6 });
  return [
    new Style({ stroke: edge, image: new CircleStyle({ radius: 10, stroke: circleEdge }) }),
    new Style({ stroke, image: new CircleStyle({ radius: 10, stroke: circle }) }),
  ];
}

// The page's colour of warnings, on a dark edge.
const DRIFTED = [
  new Style({ stroke: new Stroke({ color: "rgb(10 8 12 / 70%)", width: 4 }) }),
  new Style({ stroke: new Stroke({ color: "#f0c067", width: 2, lineDash: [8, 6] }) }),
];

function failedStyle(): Style {
  return new Style({
    fill: new Fill({ color: hatch() ?? "rgb(255 154 159 / 25%)" }),
    stroke: new Stroke({ color: "#ff9a9f", width: 1.5, lineDash: [6, 4] }),
  });
}

const HATCH_PX = 12;

function hatch(): CanvasPattern | null {
  const canvas = document.createElement("canvas");
  canvas.width = HATCH_PX;
  canvas.height = HATCH_PX;
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = "rgb(61 26 29 / 55%)";
  context.fillRect(0, 0, HATCH_PX, HATCH_PX);
  context.strokeStyle = "#ff9a9f";
  context.lineWidth = 1.5;
  context.beginPath();
  for (const shift of [-HATCH_PX, 0, HATCH_PX]) {
    context.moveTo(shift, HATCH_PX);
    context.lineTo(shift + HATCH_PX, 0);
  }
  context.stroke();
  return context.createPattern(canvas, "repeat");
}
