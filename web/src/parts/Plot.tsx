import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { DASHES, SERIES, token } from "~/parts/colours";
import { watchDark } from "~/theme";

export interface Line {
  label: string;
  /** As many as `x`; null where nothing is known. */
  y: readonly (number | null)[];
  /** One standard deviation of each: drawn as a band around the line. */
  sigma?: readonly number[];
  /** Rings instead of a line: one flake on a curve. */
  isPoints?: boolean;
  /** Number of the line whose colour it has; else one of its own. */
  like?: number;
}

interface Props {
  /** What the plot shows, in a sentence: for who does not see it. */
  description: string;
  x: readonly number[];
  lines: readonly Line[];
  xLabel: string;
  yLabel: string;
  xRange?: [number, number];
  /** x counts: there is nothing between 1 and 2. */
  isWhole?: boolean;
  yRange?: [number, number];
  height?: number;
}

/** A plot of one to four lines over a common x; it follows its width and the theme. */
export function Plot(props: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  // Other data come into the same plot; other lines or axes are another plot.
  const shape = JSON.stringify([
    props.lines.map(({ label, isPoints }) => [label, isPoints]),
    props.xLabel,
    props.yLabel,
    props.xRange,
    props.isWhole,
    props.yRange,
    props.height,
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the props
  useEffect(() => {
    const box = frame.current;
    if (!box) return;
    const draw = () => {
      plot.current?.destroy();
      const width = box.clientWidth || 400;
      const { x, lines } = latest.current;
      plot.current = new uPlot(
        optionsOf(latest.current, width, () => latest.current.lines),
        dataOf(x, lines),
        box,
      );
    };
    draw();
    const sizes = new ResizeObserver(() => {
      const { height = HEIGHT } = latest.current;
      if (box.clientWidth) plot.current?.setSize({ width: box.clientWidth, height });
    });
    sizes.observe(box);
    const endTheme = watchDark(draw);
    return () => {
      endTheme();
      sizes.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);

  const { x, lines } = props;
  useEffect(() => {
    plot.current?.setData(dataOf(x, lines));
  }, [x, lines]);

  return <div class="plot" ref={frame} role="img" aria-label={props.description} />;
}

const HEIGHT = 240;
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
// More would be a thick line.
const MOST_POINTS = 40;

function dataOf(x: Props["x"], lines: Props["lines"]): uPlot.AlignedData {
  return [[...x], ...lines.map((line) => [...line.y])];
}

/** The bands lie below the lines; they follow the data, not the options, which stay. */
function drawBands({ ctx, data, valToPos }: uPlot, lines: Props["lines"]): void {
  lines.forEach(({ y, sigma, like }, index) => {
    if (!sigma) return;
    const edge = (sign: 1 | -1) =>
      [...data[0]].map((x, at) => [
        valToPos(x, "x", true),
        valToPos((y[at] ?? 0) + sign * (sigma[at] ?? 0), "y", true),
      ]);
    ctx.save();
    ctx.globalAlpha = 0.18;
    ctx.fillStyle = token(SERIES[(like ?? index) % SERIES.length] ?? SERIES[0]);
    ctx.beginPath();
    for (const [px = 0, py = 0] of [...edge(1), ...edge(-1).reverse()]) ctx.lineTo(px, py);
    ctx.fill();
    ctx.restore();
  });
}

function optionsOf(props: Props, width: number, latestLines: () => Props["lines"]): uPlot.Options {
  const text = token("--text-quiet");
  const grid = { stroke: token("--line"), width: 1 };
  const axis = { stroke: text, grid, ticks: grid };
  return {
    width,
    height: props.height ?? HEIGHT,
    scales: { x: { time: false, range: props.xRange }, y: { range: props.yRange } },
    axes: [
      { ...axis, label: props.xLabel, incrs: props.isWhole ? WHOLE : undefined },
      { ...axis, label: props.yLabel },
    ],
    series: [{ label: props.xLabel }, ...props.lines.map(seriesOf)],
    hooks: { drawAxes: [(plot) => drawBands(plot, latestLines())] },
    // The sign before a name has its line's dash: colours alone do not tell lines apart.
    legend: { live: false, markers: { width: 2, dash: (_, index) => borderOf(index - 1) } },
  };
}

function borderOf(line: number): string {
  return DASHES[line % DASHES.length]?.length ? "dashed" : "solid";
}

function seriesOf(line: Line, index: number): uPlot.Series {
  const stroke = token(SERIES[(line.like ?? index) % SERIES.length] ?? SERIES[0]);
  if (line.isPoints) {
    return {
      label: line.label,
      stroke,
      paths: () => null,
      // Larger than the points of a line, and hollow: it lies on them.
      points: { show: true, size: 13, width: 3, fill: "transparent" },
    };
  }
  return {
    label: line.label,
    stroke,
    width: 2,
    dash: DASHES[index % DASHES.length],
    // Filled: a point that stands alone must be seen.
    points: { show: (_, __, first, last) => last - first < MOST_POINTS, size: 6, fill: stroke },
  };
}
