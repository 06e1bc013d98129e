import type { On } from "~/pages/models/judged";
import { Button } from "~/parts/Button";

const CHOICES: readonly [on: On, label: string][] = [
  ["holdout", "Holdout"],
  ["reviews", "Newest reviews"],
];

/** Which crops versions are judged on. */
export function CropsSwitch({ on, onChange }: { on: On; onChange: (on: On) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would frame two buttons
    <div class="row models-tight" role="group" aria-label="Judged on">
      <span class="small quiet">Judged on</span>
      {CHOICES.map(([key, label]) => (
        <Button key={key} isPressed={key === on} onClick={() => onChange(key)}>
          {label}
        </Button>
      ))}
    </div>
  );
}
