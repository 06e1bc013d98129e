import { Field } from "~/parts/Field";

interface Props {
  label: string;
  hint: string;
  /** As it was typed. */
  value: string;
  onValue: (typed: string) => void;
}

/** A length or the like, above 0, that may be left empty. */
export function NumberField({ label, hint, value, onValue }: Props) {
  const error = readNumber(value) === undefined ? "This must be a number above 0." : null;
  return (
    <Field label={label} hint={hint} error={error}>
      {(wire) => (
        <input
          {...wire}
          inputMode="decimal"
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

/** A number that somebody typed, with a point or a comma; null: nothing; undefined: no number above 0. */
export function readNumber(text: string): number | null | undefined {
  const plain = text.trim().replace(",", ".");
  if (!plain) return null;
  const number = Number(plain);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}
