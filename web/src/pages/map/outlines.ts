/** Outlines of what is seen: asked for when the map rests, and only where they are few enough. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { holds, holdsBox, widened } from "~/pages/map/axes";
import type { Box, MapFlakes, Point } from "~/pages/map/types";
import { showProblem } from "~/parts/toast";

export type Outlines = ReadonlyMap<number, readonly Point[]>;

const NONE: Outlines = new Map();
const DEBOUNCE_MS = 120;
// A little drag then needs no new answer.
const MARGIN = 0.25;
// A line may lie beside the stored one by less than a pixel of the screen.
const TOLERANCE_PX = 0.6;

/** What an answer holds. */
interface Known {
  of: MapFlakes;
  box: Box;
  tolerance: number;
}

export interface Seen {
  box: Box;
  resolution: number;
}

/** Outlines by flake; empty where more are seen than the service gives at once. */
export function useOutlines(
  scan_id: number,
  flakes: MapFlakes | undefined,
  seen: Seen | undefined,
): Outlines {
  const [outlines, setOutlines] = useState<Outlines>(NONE);
  const known = useRef<Known | undefined>(undefined);
  useEffect(() => {
    if (!flakes || !seen) return;
    const box = widened(seen.box, MARGIN);
    const tolerance = seen.resolution * TOLERANCE_PX;
    if (countIn(flakes, box) > flakes.most_outlines) {
      known.current = undefined;
      setOutlines(NONE);
      return;
    }
    if (suffices(known.current, flakes, seen.box, tolerance)) return;
    const end = new AbortController();
    const query = { bbox: box.join(","), outlines: true, tolerance };
    const timer = setTimeout(() => {
      got(
        api.GET("/v1/scans/{scan_id}/map/flakes", {
          params: { path: { scan_id }, query },
          signal: end.signal,
        }),
      ).then(
        (found) => {
          if (end.signal.aborted) return;
          known.current = { of: flakes, box, tolerance };
          setOutlines(outlinesOf(found as MapFlakes));
        },
        (error) => end.signal.aborted || showProblem(error),
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [scan_id, flakes, seen]);
  return outlines;
}

function countIn({ x, y }: MapFlakes, box: Box): number {
  let count = 0;
  for (let at = 0; at < x.length; at += 1) {
    if (holds(box, x[at] ?? Number.NaN, y[at] ?? Number.NaN)) count += 1;
  }
  return count;
}

/** Whether what is known is near enough to what is seen. */
function suffices(
  known: Known | undefined,
  flakes: MapFlakes,
  box: Box,
  tolerance: number,
): boolean {
  return (
    known !== undefined &&
    known.of.id === flakes.id &&
    holdsBox(known.box, box) &&
    known.tolerance <= tolerance * 1.5
  );
}

export function outlinesOf({ id, polygon }: MapFlakes): Outlines {
  const outlines = new Map<number, readonly Point[]>();
  polygon?.forEach((points, at) => {
    const flake = id[at];
    // The client takes tuples for arrays of any length.
    if (points && flake !== undefined) outlines.set(flake, points as unknown as Point[]);
  });
  return outlines;
}
