/** Small pictures of points: drawn once for each look, copied for each flake. */
import type { Look, Shape } from "~/pages/map/looks";

/** What draws: on the page or beside it. */
export type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

type Draw = (context: Pen, r: number) => void;

const DRAW: Record<Shape, Draw> = {
  disc: (context, r) => context.arc(0, 0, r, 0, 2 * Math.PI),
  ring: (context, r) => {
    context.arc(0, 0, r * 1.35, 0, 2 * Math.PI);
    context.moveTo(r * 0.55, 0);
    context.arc(0, 0, r * 0.55, 0, 2 * Math.PI, true);
  },
  square: (context, r) => context.rect(-r * 0.75, -r * 0.75, r * 1.5, r * 1.5),
  triangle: (context, r) => {
    context.moveTo(0, -r * 1.2);
    context.lineTo(r * 1.15, r * 0.9);
    context.lineTo(-r * 1.15, r * 0.9);
    context.closePath();
  },
  cross: (context, r) => {
    const [long, thin] = [r * 1.2, r * 0.4];
    context.rect(-long, -thin, 2 * long, 2 * thin);
    context.rect(-thin, -long, 2 * thin, 2 * long);
  },
};

/** A mark in a box of (0, 0) to (`size`, `size`); the dark edge keeps it apart from the picture. */
export function drawMark(context: Pen, look: Look, size: number, radius: number): void {
  context.save();
  context.translate(size / 2, size / 2);
  context.beginPath();
  DRAW[look.shape](context, radius);
  context.lineWidth = Math.max(radius / 2, 1);
  context.strokeStyle = "rgb(10 8 12 / 75%)";
  context.stroke();
  context.fillStyle = look.colour;
  context.fill("nonzero");
  context.restore();
}

const kept = new Map<string, ImageData>();

/** The mark of a look, of a radius in pixels of the canvas. */
export function markOf(look: Look, radius: number): ImageData {
  const key = `${look.shape} ${look.colour} ${radius}`;
  const known = kept.get(key);
  if (known) return known;
  const size = Math.ceil(radius * 3.5);
  const pen = new OffscreenCanvas(size, size).getContext("2d");
  if (!pen) return new ImageData(size, size);
  drawMark(pen, look, size, radius);
  const mark = pen.getImageData(0, 0, size, size);
  kept.set(key, mark);
  return mark;
}
