/** Keys of the map. */
import { useLayoutEffect, useRef } from "preact/hooks";

export type Action =
  | "left"
  | "right"
  | "up"
  | "down"
  | "nearer"
  | "farther"
  | "all"
  | "next"
  | "previous"
  | "distance"
  | "area"
  | "graphene"
  | "not_graphene"
  | "unsure"
  | "layers_1"
  | "layers_2"
  | "layers_3"
  | "layers_4"
  | "take_back"
  | "help"
  | "copy"
  | "escape";

/** What a key does, with the words that tell it. */
export const KEYS: readonly { keys: readonly string[]; action: Action; words: string }[] = [
  { keys: ["ArrowLeft"], action: "left", words: "Move left" },
  { keys: ["ArrowRight"], action: "right", words: "Move right" },
  { keys: ["ArrowUp"], action: "up", words: "Move up" },
  { keys: ["ArrowDown"], action: "down", words: "Move down" },
  { keys: ["+", "="], action: "nearer", words: "Nearer" },
  { keys: ["-", "_"], action: "farther", words: "Farther" },
  { keys: ["0"], action: "all", words: "Whole chip" },
  { keys: ["f"], action: "next", words: "Next flake of the list" },
  { keys: ["F"], action: "previous", words: "Previous flake of the list" },
  { keys: ["g"], action: "graphene", words: "The chosen flake is graphene" },
  { keys: ["b"], action: "not_graphene", words: "It is not graphene" },
  { keys: ["u"], action: "unsure", words: "Unsure" },
  { keys: ["1"], action: "layers_1", words: "Graphene of 1 layer" },
  { keys: ["2"], action: "layers_2", words: "Graphene of 2 layers" },
  { keys: ["3"], action: "layers_3", words: "Graphene of 3 layers" },
  { keys: ["4"], action: "layers_4", words: "Graphene of 4 layers" },
  { keys: ["z"], action: "take_back", words: "Take back what was said last of it" },
  { keys: ["?"], action: "help", words: "These keys" },
  { keys: ["c"], action: "copy", words: "Copy its stage position" },
  { keys: ["m"], action: "distance", words: "Measure a distance" },
  { keys: ["M"], action: "area", words: "Measure an area" },
  { keys: ["Escape"], action: "escape", words: "End measuring; close the chosen flake" },
];

const ARROWS: readonly Action[] = ["left", "right", "up", "down"];

interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

/** The action of a key; arrows only where `hasMap`: elsewhere they scroll and choose. */
export function actionOf(pressed: Pressed, hasMap: boolean): Action | undefined {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return undefined;
  const action = KEYS.find(({ keys }) => keys.includes(pressed.key))?.action;
  return action && ARROWS.includes(action) && !hasMap ? undefined : action;
}

/** Listens as long as the page is shown; never while somebody types or a dialog is open. */
export function useKeys(map: { current: HTMLElement | null }, act: (action: Action) => void): void {
  const latest = useRef(act);
  latest.current = act;
  // At once: what is seen already hears keys.
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      if (target?.closest("input, select, textarea, dialog")) return;
      const hasMap = target === document.body || Boolean(map.current?.contains(target));
      const action = actionOf(event, hasMap);
      if (!action) return;
      event.preventDefault();
      latest.current(action);
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, [map]);
}
