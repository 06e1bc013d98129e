import type { FormProps } from "~/pages/trainings/known";
import * as format from "~/parts/format";
import { Note } from "~/parts/notes";
import { hrefOf } from "~/router";

// Fewer teach a network little; docs/train.md has the figures.
const FEW_REVIEWS = 20;

/** What it learns from: reviews of the lab, data sets that somebody brought in. */
export function SourceFields({ asked, known, onChange }: FormProps) {
  const kept = known.datasets.filter(({ kept_scan }) => kept_scan !== null);
  const brought = known.datasets.filter(({ kept_scan }) => kept_scan === null);
  const toggle = (id: number) =>
    onChange({
      datasets: asked.datasets.includes(id)
        ? asked.datasets.filter((one) => one !== id)
        : [...asked.datasets, id],
    });
  return (
    <fieldset class="models-choices">
      <legend>It learns from</legend>
      <label>
        <input
          type="checkbox"
          checked={asked.reviews}
          onChange={() => onChange({ reviews: !asked.reviews })}
        />
        <span>
          all reviews of this lab: <strong>{format.count(known.reviewed)}</strong> flakes
          {kept.length > 0 && `, and those of deleted scans (${kept.length})`}
          <br />
          <span class="small quiet">Those marked unsure are left out.</span>
        </span>
      </label>
      {brought.map(({ id, name, graphene, other, groups }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={asked.datasets.includes(id)}
            onChange={() => toggle(id)}
          />
          <span>
            data set {name}: {format.count(graphene)} graphene, {format.count(other)} other, from{" "}
            {format.count(groups)} groups
          </span>
        </label>
      ))}
      {brought.length === 0 && (
        <span class="small quiet">
          No <a href={hrefOf(["trainings"], { tab: "datasets" })}>data set</a> was brought in.
        </span>
      )}
      {asked.reviews && known.reviewed < FEW_REVIEWS && kept.length === 0 && (
        <Note kind="warn">
          These are few reviews. It will hardly learn, and its figures will be rough;{" "}
          <a href={hrefOf(["review"])}>review</a> some dozens on two chips or more first. At least
          one flake has to be graphene and one not.
        </Note>
      )}
    </fieldset>
  );
}
