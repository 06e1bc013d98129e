import { LayerBadge, VerdictBadge } from "~/parts/flake";
import { p, um2 } from "~/parts/format";
import { cropOf, type Look } from "./crops";
import type { Flake, Review } from "./desk";
import { badgesOf, flakeWords, type Reason } from "./words";

interface Props {
  flake: Flake;
  reasons: readonly Reason[];
  review: Review | null;
  isCurrent: boolean;
  isSelected: boolean;
  look: Look;
  /** Only the picture and the verdict find room. */
  isSmall: boolean;
  onChoose: (event: MouseEvent) => void;
  onOpen: () => void;
}

/** A flake in the gallery. */
export function Card(props: Props) {
  const { flake, review, isCurrent, isSelected, look, isSmall } = props;
  const kinds = ["review-card", isCurrent && "is-current", review && `is-${review.label}`];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the page's keys do the same, wherever the focus is
    <div
      role="option"
      tabIndex={isCurrent ? 0 : -1}
      aria-selected={isSelected}
      data-flake={flake.id}
      class={kinds.filter(Boolean).join(" ")}
      onClick={props.onChoose}
      onDblClick={props.onOpen}
    >
      <img src={cropOf(flake.id, look)} alt="" loading="lazy" decoding="async" draggable={false} />
      {isSelected && (
        <span class="review-tick" aria-hidden="true">
          ✓
        </span>
      )}
      <span class="unseen">{flakeWords(flake, review)}</span>
      <span class="review-card-text" aria-hidden="true">
        {!isSmall && (
          <>
            <span>p {p(flake.p_graphene)}</span>
            <span>{um2(flake.area_um2)}</span>
            <LayerBadge layers={review?.layers ?? flake.layers} />
            {badgesOf(props.reasons).map((badge) => (
              <span key={badge} class="review-why">
                {badge}
              </span>
            ))}
          </>
        )}
        {review && <VerdictBadge review={review} />}
      </span>
    </div>
  );
}
