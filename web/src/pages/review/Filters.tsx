import type { ComponentChildren } from "preact";
import { Button } from "~/parts/Button";
import type { Go } from "./use_where";
import { countFilters, figure, NO_FILTERS, SORTS, type Where } from "./where";

interface Props {
  where: Where;
  go: Go;
}

const LAYERS = [1, 2, 3, 4];

/** Which of all flakes, in which order. */
export function Filters({ where, go }: Props) {
  // Another list begins at its start.
  const filter = (change: Partial<Where>) => go({ ...change, flake: null });
  return (
    <div class="row review-filters">
      <Named label="Network says">
        <Either
          value={where.graphene}
          yes="graphene"
          no="other"
          onChange={(graphene) => filter({ graphene })}
        />
      </Named>
      <Named label="Reviewed">
        <Either
          value={where.reviewed}
          yes="yes"
          no="no"
          onChange={(reviewed) => filter({ reviewed })}
        />
      </Named>
      <fieldset class="review-layer-filter">
        <legend>Layers</legend>
        {LAYERS.map((layers) => (
          <label key={layers}>
            <input
              type="checkbox"
              checked={where.layers.includes(layers)}
              onChange={() => filter({ layers: withOrWithout(where.layers, layers) })}
            />
            {layers}
          </label>
        ))}
      </fieldset>
      <Named label="p at least">
        <Figure value={where.minP} step="0.05" max="1" onChange={(minP) => filter({ minP })} />
      </Named>
      <Named label="Area from, µm²">
        <Figure value={where.minAreaUm2} onChange={(minAreaUm2) => filter({ minAreaUm2 })} />
      </Named>
      <Named label="to, µm²">
        <Figure value={where.maxAreaUm2} onChange={(maxAreaUm2) => filter({ maxAreaUm2 })} />
      </Named>
      <Named label="Order">
        <select
          value={where.sort}
          onChange={(event) => filter({ sort: event.currentTarget.value })}
        >
          {Object.entries(SORTS).map(([sort, words]) => (
            <option key={sort} value={sort}>
              {words}
            </option>
          ))}
        </select>
      </Named>
      {countFilters(where) > 0 && (
        <Button kind="plain" onClick={() => filter(NO_FILTERS)}>
          Clear
        </Button>
      )}
    </div>
  );
}

function Named({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label class="review-named">
      <span>{label}</span>
      {children}
    </label>
  );
}

interface EitherProps {
  value: boolean | null;
  yes: string;
  no: string;
  onChange: (value: boolean | null) => void;
}

function Either({ value, yes, no, onChange }: EitherProps) {
  return (
    <select
      value={String(value)}
      onChange={(event) => onChange(EITHER[event.currentTarget.value] ?? null)}
    >
      <option value="null">any</option>
      <option value="true">{yes}</option>
      <option value="false">{no}</option>
    </select>
  );
}

const EITHER: Record<string, boolean> = { true: true, false: false };

interface FigureProps {
  value: number | null;
  step?: string;
  max?: string;
  onChange: (value: number | null) => void;
}

function Figure({ value, step = "any", max, onChange }: FigureProps) {
  return (
    <input
      type="number"
      min="0"
      max={max}
      step={step}
      value={value ?? ""}
      onChange={(event) => onChange(figure(event.currentTarget.value))}
    />
  );
}

function withOrWithout(layers: readonly number[], one: number): number[] {
  return layers.includes(one) ? layers.filter((other) => other !== one) : [...layers, one].sort();
}
