import { Button } from "~/parts/Button";
import { count, total } from "~/parts/format";
import { useStore } from "~/store";
import type { Verdict } from "./desk";
import { saidStore } from "./giving";

interface Props {
  /** How many of the list were reviewed in this session. */
  shown: { done: number; of: number; isExact: boolean };
  /** How many are selected: the verdict is for them. */
  chosen: number;
  onJudge: (verdict: Verdict) => void;
  onUndo: () => Promise<unknown>;
  onHelp: () => void;
  canUndo: boolean;
}

const VERDICTS: [key: string, words: string, verdict: Omit<Verdict, "note">][] = [
  ["G", "Graphene", { label: "graphene", layers: null }],
  ["B", "Not graphene", { label: "not_graphene", layers: null }],
  ["U", "Unsure", { label: "unsure", layers: null }],
];

const LAYERS = [1, 2, 3, 4];

/** The verdicts as buttons with their keys, and what was said last; always in sight. */
export function Said({ shown, chosen, onJudge, onUndo, onHelp, canUndo }: Props) {
  const said = useStore(saidStore);
  return (
    <section class="review-said" aria-label="Verdict">
      {chosen > 0 && <span class="review-whom">{count(chosen)} selected:</span>}
      <div class="row review-verdicts">
        {VERDICTS.map(([key, words, verdict]) => (
          <Button key={key} onClick={() => onJudge({ ...verdict, note: null })}>
            <span class="review-key" aria-hidden="true">
              {key}
            </span>
            {words}
          </Button>
        ))}
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a flex row everywhere */}
        <span role="group" aria-label="Graphene with so many layers" class="review-layers">
          <span class="quiet" aria-hidden="true">
            layers
          </span>
          {LAYERS.map((layers) => (
            <Button
              key={layers}
              label={layers === 1 ? "1 layer" : `${layers} layers`}
              onClick={() => onJudge({ label: "graphene", layers, note: null })}
            >
              <span class="review-key" aria-hidden="true">
                {layers}
              </span>
            </Button>
          ))}
        </span>
        <Button onClick={onUndo} reason={canUndo ? null : "Nothing was said in this session yet."}>
          <span class="review-key" aria-hidden="true">
            Z
          </span>
          Undo
        </Button>
      </div>
      <span class="review-tail">
        <span class="review-last" title={said}>
          {said}
        </span>
        <span class="review-count">
          {count(shown.done)} of {total(shown.of, shown.isExact)} reviewed in this session
        </span>
      </span>
      <Button kind="plain" onClick={onHelp} label="Keys">
        <span class="review-key" aria-hidden="true">
          ?
        </span>
      </Button>
    </section>
  );
}
