import type { RefObject } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { goTo, hrefOf, type Place, replacePlace } from "~/router";
import { useNow } from "./use_now";
import { parseWhere, queryOf, type Where } from "./where";

// A held arrow key moves thirty times a second; browsers refuse that many new addresses.
const WRITE_AFTER_MS = 300;

export type Go = (change: Partial<Where>, isStep?: boolean) => void;

/** Where the review is; a step can be gone back by the browser, other changes only rewrite the address. */
export function useWhere(place: Place): [Where, Go, RefObject<Where>] {
  const [where, setWhere, latest] = useNow(() => parseWhere(place.query));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const path = useRef(place.path);
  path.current = place.path;
  const written = hrefOf([], queryOf(parseWhere(place.query)));

  const ours = useRef<string | null>(null);

  // The address may be changed by others: Back, a link. What this page wrote is already here, and
  // may be old: on a busy computer the next key comes before the page hears of its new address.
  useEffect(() => {
    if (written === ours.current || written === hrefOf([], queryOf(latest.current))) return;
    ours.current = null;
    clearTimeout(timer.current);
    setWhere(parseWhere(new URLSearchParams(written.split("?")[1])));
  }, [written, setWhere, latest]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const go = useCallback<Go>(
    (change, isStep = false) => {
      setWhere({ ...latest.current, ...change });
      clearTimeout(timer.current);
      const write = (to: (href: string) => void) => {
        const query = queryOf(latest.current);
        ours.current = hrefOf([], query);
        to(hrefOf(path.current, query));
      };
      if (isStep) write(goTo);
      else timer.current = setTimeout(() => write(replacePlace), WRITE_AFTER_MS);
    },
    [setWhere, latest],
  );
  return [where, go, latest];
}
