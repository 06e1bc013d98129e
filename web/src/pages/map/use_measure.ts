import { useLayoutEffect, useState } from "preact/hooks";
import type { Board } from "~/pages/map/board";
import type { What } from "~/pages/map/measure";
import { announce } from "~/parts/toast";

export interface Measuring {
  what: What | null;
  /** The length or area so far; empty before the first point. */
  text: string;
  toggle: (what: What) => void;
  stop: () => void;
}

/** Measuring on the map: what, and what came out. */
export function useMeasure(board: Board | undefined): Measuring {
  const [what, setWhat] = useState<What | null>(null);
  const [text, setText] = useState("");
  // At once: the first click after the key is already a point.
  useLayoutEffect(() => {
    if (!board || !what) return;
    board.measure.start(what, (measured, isFinal) => {
      setText(measured);
      if (isFinal) announce(measured);
    });
    return () => {
      board.measure.stop();
      setText("");
    };
  }, [board, what]);
  return {
    what: board ? what : null,
    text,
    toggle: (asked) => setWhat((old) => (old === asked ? null : asked)),
    stop: () => setWhat(null),
  };
}
