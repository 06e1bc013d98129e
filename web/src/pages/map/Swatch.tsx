import { useEffect, useRef } from "preact/hooks";
import type { Look } from "~/pages/map/looks";
import { drawMark } from "~/pages/map/marks";

const SIZE_PX = 16;

/** How a flake is drawn: the mark from afar and the line from near. */
export function Swatch({ look, hasLine }: { look: Look; hasLine?: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    const ratio = devicePixelRatio;
    context?.clearRect(0, 0, SIZE_PX * ratio, SIZE_PX * ratio);
    if (context) drawMark(context, look, SIZE_PX * ratio, 4.5 * ratio);
  }, [look]);
  return (
    <span class="map-swatch" aria-hidden="true">
      <canvas ref={canvas} width={SIZE_PX * devicePixelRatio} height={SIZE_PX * devicePixelRatio} />
      {hasLine && (
        <svg width="34" height="16" aria-hidden="true">
          <line
            x1="2"
            x2="32"
            y1="8"
            y2="8"
            stroke="rgb(10 8 12)"
            stroke-width={look.widthPx + 2}
          />
          <line
            x1="2"
            x2="32"
            y1="8"
            y2="8"
            stroke={look.colour}
            stroke-width={look.widthPx}
            stroke-dasharray={look.dash.join(" ")}
          />
        </svg>
      )}
    </span>
  );
}
