import { useLayoutEffect, useRef } from "preact/hooks";
import { makeStore } from "~/store";
import { type Action, actionOf, isTaken } from "./keys";

const KEY = "flakescope-review-keys";

/** Whether single keys work. Who speaks to the computer turns them off: words are full of letters. */
export const keysStore = makeStore(globalThis.localStorage?.getItem(KEY) !== "off");

export function setKeys(isOn: boolean): void {
  if (isOn) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, "off");
  keysStore.set(isOn);
}

/** Call back for each key of the review, wherever the focus is; not while somebody types. */
export function useKeys(onAction: (action: Action) => void): void {
  const latest = useRef(onAction);
  latest.current = onAction;
  // At once: what is seen already hears keys.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!keysStore.get() || event.defaultPrevented || isTaken(event.target, event.key)) return;
      const action = actionOf(event);
      if (!action) return;
      event.preventDefault();
      latest.current(action);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
