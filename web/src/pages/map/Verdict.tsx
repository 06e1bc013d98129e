import type { Schemas } from "~/api/client";
import type { Label } from "~/pages/map/types";
import { Button } from "~/parts/Button";
import { VerdictBadge } from "~/parts/flake";
import * as format from "~/parts/format";

const VERDICTS: readonly { label: Label; name: string; key: string }[] = [
  { label: "graphene", name: "Graphene", key: "G" },
  { label: "not_graphene", name: "Not graphene", key: "B" },
  { label: "unsure", name: "Unsure", key: "U" },
];

interface Props {
  flake: Schemas["Flake"];
  onJudge: (label: Label | null) => Promise<void>;
}

/** What a person says about the flake. */
export function Verdict({ flake, onJudge }: Props) {
  const { review } = flake;
  return (
    <div class="map-verdict">
      <fieldset class="map-verdicts">
        <legend class="unseen">Your verdict</legend>
        {VERDICTS.map(({ label, name, key }) => (
          <Button
            key={label}
            title={`Key ${key}`}
            isPressed={review?.label === label}
            onClick={() => onJudge(label)}
          >
            {name}
          </Button>
        ))}
      </fieldset>
      <p class="row small">
        <VerdictBadge review={review} />
        {review && (
          <span class="quiet">
            by {review.reviewer}, {format.ago(review.created_at)}
          </span>
        )}
        {review && (
          <Button kind="plain" onClick={() => onJudge(null)}>
            Take back
          </Button>
        )}
      </p>
      {review?.note && <p class="small">“{review.note}”</p>}
    </div>
  );
}
