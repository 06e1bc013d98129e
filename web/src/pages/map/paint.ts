/** Flakes on a canvas: points from afar, outlines from near. Without features: 50,000 are few. */
import { type Look, looksOf } from "~/pages/map/looks";
import { markOf, type Pen } from "~/pages/map/marks";
import { labelOf, type Scene } from "~/pages/map/scene";
import { type Pixels, stamp } from "~/pages/map/stamp";

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

export function paint(pen: Pen, scene: Scene, frame: Frame): void {
  const groups = grouped(scene, frame);
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const radius = (count > MANY ? SMALL_PX : LARGE_PX) * frame.pixelRatio;
  const looks = looksOf(scene.colourBy);
  const hasOutline = ({ at }: Placed) => startOf(scene, at) < startOf(scene, at + 1);
  const ground = new ImageData(frame.width, frame.height);
  looks.forEach((look, index) => {
    const points = (groups[index] ?? []).filter((one) => !hasOutline(one));
    paintPoints(ground, markOf(look, radius), points, frame.pixelRatio);
  });
  pen.putImageData(ground, 0, 0);
  looks.forEach((look, index) => {
    paintOutlines(pen, scene, frame, look, (groups[index] ?? []).filter(hasOutline));
  });
  if (scene.named) paintLabels(pen, scene.named, frame, groups.flat());
}

function startOf({ starts }: Scene, at: number): number {
  return starts[at] ?? 0;
}

/** What lies on the canvas, by look. */
function grouped({ x, y, look, colourBy }: Scene, frame: Frame): Placed[][] {
  const groups: Placed[][] = looksOf(colourBy).map(() => []);
  // An outline reaches into the picture when its centre no longer does.
  const edge = 0.2 * Math.max(frame.width, frame.height);
  for (let at = 0; at < x.length; at += 1) {
    const px = ((x[at] ?? Number.NaN) - frame.left) / frame.resolution;
    const py = (frame.top - (y[at] ?? Number.NaN)) / frame.resolution;
    const isNear = px > -edge && py > -edge && px < frame.width + edge && py < frame.height + edge;
    if (isNear) groups[look[at] ?? 0]?.push({ at, px, py });
  }
  return groups;
}

// Points that would cover each other are drawn once.
const CELL_PX = 3;

function paintPoints(
  ground: Pixels,
  mark: Pixels,
  group: readonly Placed[],
  pixelRatio: number,
): void {
  const cell = CELL_PX * pixelRatio;
  const { width, height } = ground;
  const columns = Math.ceil(width / cell);
  const isTaken = new Uint8Array(columns * Math.ceil(height / cell));
  const half = mark.width / 2;
  for (const { px, py } of group) {
    if (px < 0 || py < 0 || px >= width || py >= height) continue;
    const place = Math.floor(py / cell) * columns + Math.floor(px / cell);
    if (isTaken[place]) continue;
    isTaken[place] = 1;
    stamp(ground, mark, Math.round(px - half), Math.round(py - half));
  }
}

function paintOutlines(
  pen: Pen,
  scene: Scene,
  frame: Frame,
  look: Look,
  group: readonly Placed[],
): void {
  if (group.length === 0) return;
  const path = new Path2D();
  for (const { at } of group) trace(path, scene, at, frame);
  const { pixelRatio } = frame;
  pen.save();
  pen.lineJoin = "round";
  // A dark edge below: the line is seen on bright substrate, too.
  pen.strokeStyle = "rgb(10 8 12 / 45%)";
  pen.lineWidth = (look.widthPx + 2) * pixelRatio;
  pen.stroke(path);
  pen.strokeStyle = look.colour;
  pen.lineWidth = look.widthPx * pixelRatio;
  pen.setLineDash(look.dash.map((length) => length * pixelRatio));
  pen.stroke(path);
  pen.restore();
}

function trace(path: Path2D, scene: Scene, at: number, frame: Frame): void {
  const { corners } = scene;
  const [from, to] = [startOf(scene, at), startOf(scene, at + 1)];
  for (let corner = from; corner < to; corner += 1) {
    const px = ((corners[2 * corner] ?? 0) - frame.left) / frame.resolution;
    const py = (frame.top - (corners[2 * corner + 1] ?? 0)) / frame.resolution;
    if (corner === from) path.moveTo(px, py);
    else path.lineTo(px, py);
  }
  path.closePath();
}

// More would hide what they name.
const MOST_LABELS = 300;

function paintLabels(
  pen: Pen,
  named: NonNullable<Scene["named"]>,
  { pixelRatio }: Frame,
  all: readonly Placed[],
): void {
  if (all.length > MOST_LABELS) return;
  pen.save();
  pen.font = `${12 * pixelRatio}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.lineJoin = "round";
  pen.lineWidth = 3 * pixelRatio;
  pen.strokeStyle = "rgb(10 8 12 / 80%)";
  pen.fillStyle = "#ffffff";
  // Labels that would lie on each other are drawn once; nearer there is room for the next.
  const taken: [left: number, right: number, line: number][] = [];
  const lineHeight = 14 * pixelRatio;
  for (const { at, px, py } of all) {
    const text = labelOf(named, at);
    const half = pen.measureText(text).width / 2 + 2 * pixelRatio;
    const isCovered = taken.some(
      ([left, right, line]) =>
        px + half > left && px - half < right && Math.abs(py - line) < lineHeight,
    );
    if (isCovered) continue;
    taken.push([px - half, px + half, py]);
    pen.strokeText(text, px, py - 7 * pixelRatio);
    pen.fillText(text, px, py - 7 * pixelRatio);
  }
  pen.restore();
}
