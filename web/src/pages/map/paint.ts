/** Flakes on a canvas: points from afar, outlines from near. Without features: 50,000 are few. */
import type { Sign } from "~/pages/map/axes";
import { type Look, lookOf, looksOf } from "~/pages/map/looks";
import { markOf } from "~/pages/map/marks";
import type { ColourBy } from "~/pages/map/place";
import type { MapFlakes, Point } from "~/pages/map/types";
import * as format from "~/parts/format";

/** What is drawn. */
export interface Scene {
  flakes: MapFlakes;
  rows: readonly number[];
  /** By the flake's id; what has none is drawn as a point. */
  outlines: ReadonlyMap<number, readonly Point[]>;
  colourBy: ColourBy;
  sign: Sign;
  hasLabels: boolean;
}

/** Where it is drawn: the canvas' top left in map coordinates (y upwards), units per its pixel. */
export interface Frame {
  left: number;
  top: number;
  resolution: number;
  width: number;
  height: number;
  pixelRatio: number;
}

// Where there are many, smaller ones still leave something of the chip to see.
const MANY = 3000;
const SMALL_PX = 2.5;
const LARGE_PX = 4;

interface Placed {
  at: number;
  px: number;
  py: number;
}

export function paint(context: CanvasRenderingContext2D, scene: Scene, frame: Frame): void {
  const groups = grouped(scene, frame);
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const radius = (count > MANY ? SMALL_PX : LARGE_PX) * frame.pixelRatio;
  looksOf(scene.colourBy).forEach((look, index) => {
    const group = groups[index] ?? [];
    const hasOutline = ({ at }: Placed) => scene.outlines.has(scene.flakes.id[at] ?? -1);
    paintOutlines(context, scene, frame, look, group.filter(hasOutline));
    paintPoints(
      context,
      frame,
      markOf(look, radius),
      group.filter((one) => !hasOutline(one)),
    );
  });
  if (scene.hasLabels) paintLabels(context, scene, frame, groups.flat());
}

/** What lies on the canvas, by look. */
function grouped({ flakes, rows, colourBy, sign }: Scene, frame: Frame): Placed[][] {
  const groups: Placed[][] = looksOf(colourBy).map(() => []);
  // An outline reaches into the picture when its centre no longer does.
  const edge = 0.2 * Math.max(frame.width, frame.height);
  for (const at of rows) {
    const px = ((flakes.x[at] ?? Number.NaN) - frame.left) / frame.resolution;
    const py = (frame.top - sign * (flakes.y[at] ?? Number.NaN)) / frame.resolution;
    const isNear = px > -edge && py > -edge && px < frame.width + edge && py < frame.height + edge;
    if (isNear) groups[lookOf(flakes, at, colourBy)]?.push({ at, px, py });
  }
  return groups;
}

// Points that would cover each other are drawn once.
const CELL_PX = 3;

function paintPoints(
  context: CanvasRenderingContext2D,
  { width, height, pixelRatio }: Frame,
  mark: HTMLCanvasElement,
  group: readonly Placed[],
): void {
  if (group.length === 0) return;
  const cell = CELL_PX * pixelRatio;
  const columns = Math.ceil(width / cell);
  const isTaken = new Uint8Array(columns * Math.ceil(height / cell));
  const half = mark.width / 2;
  for (const { px, py } of group) {
    if (px < 0 || py < 0 || px >= width || py >= height) continue;
    const place = Math.floor(py / cell) * columns + Math.floor(px / cell);
    if (isTaken[place]) continue;
    isTaken[place] = 1;
    context.drawImage(mark, Math.round(px - half), Math.round(py - half));
  }
}

function paintOutlines(
  context: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  look: Look,
  group: readonly Placed[],
): void {
  if (group.length === 0) return;
  const path = new Path2D();
  for (const { at } of group) {
    trace(path, scene.outlines.get(scene.flakes.id[at] ?? -1) ?? [], scene.sign, frame);
  }
  const { pixelRatio } = frame;
  context.save();
  context.lineJoin = "round";
  // A dark edge below: the line is seen on bright substrate, too.
  context.strokeStyle = "rgb(10 8 12 / 45%)";
  context.lineWidth = (look.widthPx + 2) * pixelRatio;
  context.stroke(path);
  context.strokeStyle = look.colour;
  context.lineWidth = look.widthPx * pixelRatio;
  context.setLineDash(look.dash.map((length) => length * pixelRatio));
  context.stroke(path);
  context.restore();
}

function trace(path: Path2D, outline: readonly Point[], sign: Sign, frame: Frame): void {
  outline.forEach(([x, y], at) => {
    const px = (x - frame.left) / frame.resolution;
    const py = (frame.top - sign * y) / frame.resolution;
    if (at === 0) path.moveTo(px, py);
    else path.lineTo(px, py);
  });
  path.closePath();
}

// More would hide what they name.
const MOST_LABELS = 300;

function paintLabels(
  context: CanvasRenderingContext2D,
  { flakes }: Scene,
  { pixelRatio }: Frame,
  all: readonly Placed[],
): void {
  if (all.length > MOST_LABELS) return;
  context.save();
  context.font = `${12 * pixelRatio}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.lineJoin = "round";
  context.lineWidth = 3 * pixelRatio;
  context.strokeStyle = "rgb(10 8 12 / 80%)";
  context.fillStyle = "#ffffff";
  for (const { at, px, py } of all) {
    const text = labelOf(flakes, at);
    context.strokeText(text, px, py - 7 * pixelRatio);
    context.fillText(text, px, py - 7 * pixelRatio);
  }
  context.restore();
}

function labelOf(flakes: MapFlakes, at: number): string {
  const layers = flakes.layers[at];
  const count = layers == null ? "" : ` \u00b7 ${layers} L`;
  return `${flakes.id[at]} \u00b7 p ${format.p(flakes.p_graphene[at])}${count}`;
}
