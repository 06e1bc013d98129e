import { OPTIMIZERS, wrongRate, wrongSeed } from "~/pages/trainings/asked";
import type { FormProps } from "~/pages/trainings/known";
import { Field } from "~/parts/Field";

/** What most never change. */
export function Advanced({ asked, onChange }: Omit<FormProps, "known">) {
  return (
    <details>
      <summary>Advanced</summary>
      <div class="stack models-below">
        <Field label="Optimiser">
          {(wire) => (
            <select
              {...wire}
              value={asked.optimizer}
              onChange={(event) => onChange({ optimizer: event.currentTarget.value })}
            >
              {OPTIMIZERS.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Learning rate"
          hint="0.0003 is gentle: right for going on. Ten times as much where it begins anew."
          error={wrongRate(asked.learningRate)}
        >
          {(wire) => (
            <input
              {...wire}
              inputMode="decimal"
              value={asked.learningRate}
              onInput={(event) => onChange({ learningRate: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field
          label="Seed"
          hint="The same seed and data give the same training again."
          error={wrongSeed(asked.seed)}
        >
          {(wire) => (
            <input
              {...wire}
              inputMode="numeric"
              value={asked.seed}
              onInput={(event) => onChange({ seed: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}
