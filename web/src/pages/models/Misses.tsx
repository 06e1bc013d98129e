import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Schemas, urlOf } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import type { Curves } from "~/pages/models/comparison";
import { curvesOf, type On } from "~/pages/models/judged";
import { NothingReviewed } from "~/pages/models/Quality";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { Empty, Shown } from "~/parts/notes";
import { hrefOf } from "~/router";

type Miss = Schemas["Miss"];
type Look = "colour" | "contrast";
type Kind = "all" | "missed" | "alarms";

const KINDS: readonly [kind: Kind, label: string][] = [
  ["all", "All"],
  ["missed", "Missed graphene"],
  ["alarms", "False alarms"],
];

// Twice what a card is wide: screens with fine pixels show it sharp.
const PICTURE_PX = 288;

interface Props {
  version: string;
  on: On;
  crops: ComponentChildren;
}

/** What a version got wrong, the surest mistakes first. */
export function Misses({ version, on, crops }: Props) {
  const curves = useLoaded(`${version} ${on}`, () => curvesOf(version, on));
  const [look, setLook] = useState<Look>("colour");
  const [kind, setKind] = useState<Kind>("all");
  return (
    <div class="stack">
      <div class="row spread">
        {crops}
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would frame the buttons */}
        <div class="row models-tight" role="group" aria-label="Which mistakes">
          {KINDS.map(([key, label]) => (
            <Button key={key} isPressed={key === kind} onClick={() => setKind(key)}>
              {label}
            </Button>
          ))}
          <Button
            isPressed={look === "contrast"}
            onClick={() => setLook(look === "colour" ? "contrast" : "colour")}
          >
            Contrast
          </Button>
        </div>
      </div>
      <Shown loaded={curves}>
        {(judged) =>
          judged.graphene + judged.other === 0 ? (
            <NothingReviewed />
          ) : (
            <Gallery curves={judged} look={look} kind={kind} />
          )
        }
      </Shown>
    </div>
  );
}

function Gallery({ curves, look, kind }: { curves: Curves; look: Look; kind: Kind }) {
  const { missed, false_alarms } = curves.confusion;
  const shown = curves.misses.filter(
    ({ is_graphene }) => kind === "all" || is_graphene === (kind === "missed"),
  );
  if (shown.length === 0) {
    return <Empty title="None">No verdict of this kind was wrong on these crops.</Empty>;
  }
  return (
    <>
      <p class="quiet">
        {missed} missed and {false_alarms} false alarms on {curves.name}. The surest mistakes come
        first; the outline is what was judged.
        {missed + false_alarms > curves.misses.length &&
          ` The worst ${curves.misses.length} are kept.`}
        {curves.on === "holdout" && " These are rendered crops: their labels are certain."}
        {curves.on === "reviews" && " Some may be slips of a reviewer: open them and look again."}
      </p>
      <ul class="gallery models-misses">
        {shown.map((miss) => (
          <li key={miss.n}>
            <Card miss={miss} look={look} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Card({ miss, look }: { miss: Miss; look: Look }) {
  const { p_graphene, is_graphene, flake_id, picture } = miss;
  const label = is_graphene ? "graphene, missed" : "not graphene, false alarm";
  const inside = (
    <>
      <img
        src={urlOf(picture, { view: look, size_px: PICTURE_PX })}
        alt={`Mistake ${miss.n + 1}: ${label}`}
        loading="lazy"
        decoding="async"
      />
      <span class="flake-card-text">
        <span>p {format.p(p_graphene)}</span>
        <span class={is_graphene ? "badge is-bad" : "badge is-warn"}>
          {is_graphene ? "missed" : "false alarm"}
        </span>
        {flake_id !== null && <span>flake {flake_id}</span>}
      </span>
    </>
  );
  return flake_id === null ? (
    <div class="flake-card">{inside}</div>
  ) : (
    <a class="flake-card" href={hrefOf(["review"], { view: "single", flake: flake_id })}>
      {inside}
    </a>
  );
}
