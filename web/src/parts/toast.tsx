import { asProblem, newReasons } from "~/api/problem";
import { makeStore, useStore } from "~/store";

interface Toast {
  id: number;
  text: string;
  kind: "note" | "bad";
}

const toasts = makeStore<readonly Toast[]>([]);
const announced = makeStore("");
let last = 0;

const NOTE_MS = 5000;
// A problem has more to read.
const BAD_MS = 12_000;

/** Show a short message in the corner; it is also read aloud. */
export function toast(text: string, kind: Toast["kind"] = "note"): void {
  last += 1;
  const id = last;
  toasts.set([...toasts.get(), { id, text, kind }]);
  setTimeout(() => dismiss(id), kind === "bad" ? BAD_MS : NOTE_MS);
}

/** Show whatever was thrown, in words. */
export function showProblem(error: unknown): void {
  const problem = asProblem(error);
  toast([problem.detail || problem.title, ...newReasons(problem)].join(" "), "bad");
}

/** Tell who hears the page what others see; nothing is shown. */
export function announce(text: string): void {
  // The same words again are only read where something changed.
  announced.set(announced.get() === text ? `${text}\u00a0` : text);
}

function dismiss(id: number): void {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}

/** Where messages appear; once, at the end of the page. */
export function Toasts() {
  const shown = useStore(toasts);
  const text = useStore(announced);
  return (
    <>
      <div class="toasts" role="status" aria-live="polite">
        {shown.map((one) => (
          <div key={one.id} class={one.kind === "bad" ? "toast is-bad" : "toast"}>
            <div class="row spread">
              <span>{one.text}</span>
              <button type="button" class="button is-plain" onClick={() => dismiss(one.id)}>
                Close
              </button>
            </div>
          </div>
        ))}
      </div>
      <div class="unseen" role="log" aria-live="polite">
        {text}
      </div>
    </>
  );
}
