import { useEffect, useRef, useState } from "preact/hooks";
import type { Board } from "~/pages/map/board";
import { barOf, type Unit } from "~/pages/map/lengths";

/** Scale bar, and where the pointer is on the stage. */
export function Readout({ board, unit }: { board: Board | undefined; unit: Unit }) {
  const [resolution, setResolution] = useState<number>();
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!board) return;
    setResolution(board.resolution);
    return board.watchResolution(setResolution);
  }, [board]);
  useEffect(() => {
    // Not by the page's state: the pointer moves more often than anything else.
    return board?.watchPointer((point) => {
      if (place.current) place.current.textContent = point ? pointText(point, unit) : "";
    });
  }, [board, unit]);
  if (resolution === undefined) return null;
  const bar = barOf(resolution, unit);
  return (
    <div class="map-readout">
      <div class="map-scale">
        <span>{bar.label}</span>
        <div class="map-bar" style={{ width: `${bar.widthPx}px` }} />
      </div>
      <span ref={place} class="map-pointer mono" aria-hidden="true" />
    </div>
  );
}

function pointText([x, y]: readonly [number, number], unit: Unit): string {
  const digits = unit === "um" ? 1 : 0;
  return `x ${x.toFixed(digits)}  y ${y.toFixed(digits)} ${unit === "um" ? "\u00b5m" : "px"}`;
}
