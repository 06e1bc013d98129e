import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Board, Square } from "~/pages/live/board";
import { type Laid, layOut } from "~/pages/live/layout";
import { token } from "~/parts/colours";
import * as format from "~/parts/format";
import { watchDark } from "~/theme";

const KINDS = [
  { key: "graphene", words: "with graphene", colour: "--layers-1" },
  { key: "screened", words: "screened", colour: "--line-strong" },
  { key: "failed", words: "failed", colour: "--bad" },
  { key: "queued", words: "waiting", colour: "--line" },
] as const;

type Kind = (typeof KINDS)[number]["key"];

const MOST_HEIGHT = 420;
const MOST_SQUARE = 48;
const BY = {
  rows: "by row and column",
  stage: "by stage position",
  order: "in the order in which they came: their places are unknown",
};

interface Props {
  board: Board;
  version: number;
  isUp: boolean;
}

/** Each tile as a square in the colour of its state. */
export function Squares({ board, version, isUp }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [look, setLook] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` tells that the board changed
  const squares = useMemo(() => [...board.squares.values()], [board, version]);
  const laid = useMemo(() => layOut(squares, isUp), [squares, isUp]);

  useEffect(() => watchDark(() => setLook((old) => old + 1)), []);
  useEffect(() => {
    const frame = canvas.current?.parentElement;
    if (!frame) return;
    const observer = new ResizeObserver(() => setWidth(frame.clientWidth));
    observer.observe(frame);
    return () => observer.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` tells that the colours changed
  useEffect(() => {
    if (canvas.current && width) paint(canvas.current, squares, laid, width);
  }, [squares, laid, width, look]);

  const counts = countsOf(squares);
  return (
    <section class="card stack" aria-label="Tiles">
      <div class="live-squares">
        <canvas ref={canvas} role="img" aria-label={wordsOf(counts)} />
      </div>
      <ul class="live-legend small">
        {KINDS.map(({ key, words, colour }) => (
          <li key={key}>
            <span class="live-dot" style={{ background: `var(${colour})` }} aria-hidden="true" />
            {format.count(counts[key])} {words}
          </li>
        ))}
        {squares.length > 0 && <li class="quiet">{BY[laid.by]}</li>}
      </ul>
    </section>
  );
}

function kindOf({ state, graphene }: Square): Kind {
  if (state === "failed") return "failed";
  if (state !== "screened") return "queued";
  return graphene > 0 ? "graphene" : "screened";
}

function countsOf(squares: readonly Square[]): Record<Kind, number> {
  const counts = { graphene: 0, screened: 0, failed: 0, queued: 0 };
  for (const square of squares) counts[kindOf(square)] += 1;
  return counts;
}

const wordsOf = (counts: Record<Kind, number>) =>
  `Tiles: ${KINDS.map(({ key, words }) => `${counts[key]} ${words}`).join(", ")}`;

function paint(
  canvas: HTMLCanvasElement,
  squares: readonly Square[],
  laid: Laid,
  width: number,
): void {
  // A scan of a few tiles is not blown up.
  const most = MOST_SQUARE / (laid.boxes[0]?.[2] ?? 1);
  const scale = laid.width ? Math.min(width / laid.width, MOST_HEIGHT / laid.height, most) : 0;
  const height = Math.ceil(laid.height * scale);
  const dense = devicePixelRatio || 1;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(dense, dense);
  const colours = Object.fromEntries(KINDS.map(({ key, colour }) => [key, token(colour)]));
  squares.forEach((square, at) => {
    const [left, top, wide, high] = laid.boxes[at] ?? [0, 0, 0, 0];
    // A line between neighbours, where there is room for one.
    const gap = wide * scale > 4 ? 1 : 0;
    context.fillStyle = colours[kindOf(square)] ?? "";
    context.fillRect(
      left * scale,
      top * scale,
      Math.max(wide * scale - gap, 1),
      Math.max(high * scale - gap, 1),
    );
  });
}
