import { useState } from "preact/hooks";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";
import type { Flake, Review } from "./desk";
import { give } from "./giving";

interface Props {
  flake: Flake;
  review: Review | null;
  notes: Map<number, string>;
  change: (flakes: readonly Flake[]) => void;
}

// What the service takes.
const LONGEST = 4000;

/** A remark that goes with the verdict: the next one, or the one that there is. */
export function Note({ flake, review, notes, change }: Props) {
  const [typed, setTyped] = useState<string | undefined>(notes.get(flake.id));
  const text = typed ?? review?.note ?? "";
  const isNew = text !== (review?.note ?? "");
  const type = (value: string) => {
    notes.set(flake.id, value);
    setTyped(value);
  };
  const save = () =>
    review ? give([flake], { ...wordOf(review), note: text || null }, change) : undefined;
  return (
    <section class="card" aria-label="Note">
      <Field
        label="Note"
        hint={
          review ? undefined : "Goes with your verdict. Esc leaves the field, then keys work again."
        }
      >
        {(wire) => (
          <textarea
            {...wire}
            rows={2}
            maxLength={LONGEST}
            value={text}
            onInput={(event) => type(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
          />
        )}
      </Field>
      {review && isNew && (
        <p class="single-save">
          <Button onClick={save}>Save the note</Button>
        </p>
      )}
    </section>
  );
}

function wordOf({ label, layers }: Review) {
  return { label, layers };
}
