import { useEffect, useId, useRef, useState } from "preact/hooks";
import { EVERYTHING, type Filter, number, type Reviewed, type Shown } from "~/pages/map/place";
import { Button } from "~/parts/Button";

interface Props {
  filter: Filter;
  change: (filter: Filter) => void;
}

const LAYERS = [1, 2, 3, 4];

/** Which flakes are on the map and in the list; they stand in the address. */
export function Filters({ filter, change }: Props) {
  const id = useId();
  const set = (changed: Partial<Filter>) => change({ ...filter, ...changed });
  const toggle = (layers: number) =>
    set({
      layers: filter.layers.includes(layers)
        ? filter.layers.filter((one) => one !== layers)
        : [...filter.layers, layers].toSorted(),
    });
  return (
    <search class="map-filters" aria-label="Filters">
      <label for={`${id}-shown`}>Show</label>
      <select
        id={`${id}-shown`}
        value={filter.shown}
        title="A person's verdict counts before the model's"
        onChange={(event) => set({ shown: event.currentTarget.value as Shown })}
      >
        <option value="graphene">graphene</option>
        <option value="other">other</option>
        <option value="all">all flakes</option>
      </select>
      <label for={`${id}-p`}>p from</label>
      <NumberBox id={`${id}-p`} value={filter.minP} to={1} onValue={(minP) => set({ minP })} />
      <label for={`${id}-from`}>Area from</label>
      <NumberBox id={`${id}-from`} value={filter.minArea} onValue={(minArea) => set({ minArea })} />
      <label for={`${id}-to`}>to</label>
      <NumberBox id={`${id}-to`} value={filter.maxArea} onValue={(maxArea) => set({ maxArea })} />
      <span>µm²</span>
      <fieldset class="map-layers">
        <legend class="unseen">Layers</legend>
        <span aria-hidden="true">Layers</span>
        {LAYERS.map((layers) => (
          <Button
            key={layers}
            label={`${layers} ${layers === 1 ? "layer" : "layers"}`}
            isPressed={filter.layers.includes(layers)}
            onClick={() => toggle(layers)}
          >
            {layers}
          </Button>
        ))}
      </fieldset>
      <label for={`${id}-reviewed`}>Reviewed</label>
      <select
        id={`${id}-reviewed`}
        value={filter.reviewed}
        onChange={(event) => set({ reviewed: event.currentTarget.value as Reviewed })}
      >
        <option value="any">any</option>
        <option value="yes">yes</option>
        <option value="no">no</option>
      </select>
      <Button kind="plain" onClick={() => change(EVERYTHING)}>
        Show all
      </Button>
    </search>
  );
}

interface NumberProps {
  id: string;
  value: number | null;
  to?: number;
  onValue: (value: number | null) => void;
}

// Somebody who types "120" does not mean 1, nor 12.
const TYPING_MS = 350;

function NumberBox({ id, value, to, onValue }: NumberProps) {
  const [text, setText] = useState(value === null ? "" : String(value));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isGood = text.trim() === "" || number(text, 0, to) !== null;
  useEffect(() => {
    // The address has changed: a link, or "Show all".
    setText((old) => (number(old, 0, to) === value ? old : value === null ? "" : String(value)));
  }, [value, to]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (typed: string) => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onValue(number(typed, 0, to)), TYPING_MS);
  };
  return (
    <input
      id={id}
      class="map-number"
      inputMode="decimal"
      placeholder="any"
      value={text}
      aria-invalid={isGood ? undefined : true}
      title={isGood ? undefined : `A number from 0${to === undefined ? "" : ` to ${to}`}`}
      onInput={(event) => type(event.currentTarget.value)}
    />
  );
}
