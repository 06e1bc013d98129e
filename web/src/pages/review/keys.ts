import type { Label } from "./desk";
import type { Direction } from "./moves";

/** What a key does. */
export type Action =
  | { do: "verdict"; label: Label; layers: number | null }
  | { do: "move"; to: Direction; isExtending: boolean }
  | { do: Plain };

type Plain = "undo" | "open" | "back" | "help" | "outline" | "contrast" | "all" | "select";

export type Key = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "repeat"
>;

const LABELS: Record<string, Label> = { G: "graphene", B: "not_graphene", U: "unsure" };

const MOVES: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

const PLAIN: Record<string, Plain> = {
  Z: "undo",
  Enter: "open",
  Escape: "back",
  O: "outline",
  C: "contrast",
  A: "all",
  " ": "select",
};

/** What a pressed key asks for; null where it is the browser's. */
export function actionOf(event: Key): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === "?") return { do: "help" };
  // As on the map.
  if (event.key.toLowerCase() === "f") {
    return { do: "move", to: event.shiftKey ? "left" : "right", isExtending: false };
  }
  const name = nameOf(event);
  const to = MOVES[name];
  if (to) return { do: "move", to, isExtending: event.shiftKey };
  // A key that is held must not judge one flake after the other.
  if (event.repeat) return null;
  return verdictOf(name) ?? plainOf(name);
}

function verdictOf(name: string): Action | null {
  const label = LABELS[name];
  if (label) return { do: "verdict", label, layers: null };
  if (/^[1-4]$/.test(name)) return { do: "verdict", label: "graphene", layers: Number(name) };
  return null;
}

function plainOf(name: string): Action | null {
  const plain = PLAIN[name];
  return plain ? { do: plain } : null;
}

/** `G` on every keyboard: where letters are not Latin, or digits need Shift, the key's place counts. */
function nameOf({ key, code }: Key): string {
  if (key.length > 1 || /^[a-z0-9 ]$/i.test(key)) return key.length > 1 ? key : key.toUpperCase();
  return code.replace(/^(Key|Digit)/, "");
}

/** Whether what has the focus needs its keys itself. */
export function isTaken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("dialog")) return true;
  if (target.matches("textarea, select, [contenteditable]")) return true;
  if (target.matches("input:not([type=checkbox], [type=radio])")) return true;
  // A button is pressed by these two; everything else goes on working after a click on one.
  return (key === "Enter" || key === " ") && target.matches("button, a, input, summary");
}
