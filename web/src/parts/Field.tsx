import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What an input in a field gets: `{(wire) => <input {...wire} />}`. */
export interface Wire {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

interface Props {
  label: string;
  /** A line below: unit, limit, example. */
  hint?: string;
  /** What is wrong with what was entered. */
  error?: string | null;
  children: (wire: Wire) => ComponentChildren;
}

/** An input with its label, a hint and what is wrong. */
export function Field({ label, hint, error, children }: Props) {
  const id = useId();
  const below = error ?? hint;
  const wire = {
    id,
    "aria-describedby": below ? `${id}-below` : undefined,
    "aria-invalid": error ? true : undefined,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(wire)}
      {below && (
        <span id={`${id}-below`} class="small quiet">
          {below}
        </span>
      )}
    </div>
  );
}
