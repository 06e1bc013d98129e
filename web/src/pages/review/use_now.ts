import type { RefObject } from "preact";
import { useCallback, useRef, useState } from "preact/hooks";

/**
 * State that is drawn, and its newest value for whoever handles the next key: on a busy computer
 * several keys come before the page is drawn again, and each must see what the one before did.
 */
export function useNow<T>(first: T | (() => T)): [T, (value: T) => void, RefObject<T>] {
  const [drawn, draw] = useState(first);
  const now = useRef(drawn);
  const set = useCallback((value: T) => {
    now.current = value;
    draw(() => value);
  }, []);
  return [drawn, set, now];
}
