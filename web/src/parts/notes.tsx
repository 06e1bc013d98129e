import type { ComponentChildren } from "preact";
import type { Loaded } from "~/api/loaded";
import { newReasons, type Problem } from "~/api/problem";
import { Button } from "~/parts/Button";

interface NoteProps {
  kind?: "good" | "warn" | "bad";
  children: ComponentChildren;
}

/** A remark in the page. */
export function Note({ kind, children }: NoteProps) {
  return <div class={kind ? `note is-${kind}` : "note"}>{children}</div>;
}

/** A problem in words: what is wrong, why, and a way to try again. */
export function ProblemNote({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const reasons = newReasons(problem);
  return (
    <div class="note is-bad" role="alert">
      <strong>{problem.title}</strong>
      {problem.detail && <p>{problem.detail}</p>}
      {reasons.length > 0 && (
        <ul>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}

/** Nothing is there yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface ProgressProps {
  label: string;
  value: number;
  /** null where nobody knows how much there will be. */
  of: number | null;
}

/** How far something is. */
export function Progress({ label, value, of }: ProgressProps) {
  const text = of == null ? String(value) : `${value} of ${of}`;
  return (
    <div class="progress">
      {of != null && <progress aria-label={label} value={value} max={Math.max(of, 1)} />}
      <span class="small quiet number">{text}</span>
    </div>
  );
}

interface ShownProps<T> {
  loaded: Loaded<T>;
  children: (value: T) => ComponentChildren;
}

/** What was asked for, or the wait, or the problem. */
export function Shown<T>({ loaded, children }: ShownProps<T>) {
  const { value, problem, reload } = loaded;
  return (
    <>
      {problem && <ProblemNote problem={problem} onRetry={reload} />}
      {value !== undefined ? children(value) : !problem && <p class="quiet">Loading…</p>}
    </>
  );
}
