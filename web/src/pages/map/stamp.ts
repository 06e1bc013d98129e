/** Puts small pictures onto a large one, pixel by pixel: 50,000 calls of a canvas take ten times as long. */

/** Pixels as canvases have them: red, green, blue, opacity. */
export interface Pixels {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** Lay `mark` over `ground`, its top left corner at (x, y); what reaches beyond is left out. */
export function stamp(ground: Pixels, mark: Pixels, x: number, y: number): void {
  const [from, to] = [Math.max(-x, 0), Math.min(ground.width - x, mark.width)];
  const end = Math.min(ground.height - y, mark.height);
  for (let row = Math.max(-y, 0); row < end; row += 1) {
    for (let column = from; column < to; column += 1) {
      const source = 4 * (row * mark.width + column);
      const opacity = mark.data[source + 3] ?? 0;
      if (opacity === 0) continue;
      lay(ground.data, 4 * ((y + row) * ground.width + x + column), mark.data, source, opacity);
    }
  }
}

function lay(
  ground: Uint8ClampedArray,
  at: number,
  mark: Uint8ClampedArray,
  source: number,
  opacity: number,
): void {
  const below = ((ground[at + 3] ?? 0) * (255 - opacity)) / 255;
  const both = opacity + below;
  for (let part = 0; part < 3; part += 1) {
    const mixed = (mark[source + part] ?? 0) * opacity + (ground[at + part] ?? 0) * below;
    ground[at + part] = mixed / both;
  }
  ground[at + 3] = both;
}
