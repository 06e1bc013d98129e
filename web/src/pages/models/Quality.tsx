import type { ComponentChildren } from "preact";
import { useLoaded } from "~/api/loaded";
import { ConfusionTable } from "~/pages/models/ConfusionTable";
import { CurvePlots } from "~/pages/models/CurvePlots";
import type { Curves } from "~/pages/models/comparison";
import { FigureTable } from "~/pages/models/FigureTable";
import { curvesOf, type On } from "~/pages/models/judged";
import { EpochPlots } from "~/pages/trainings/EpochPlots";
import { Empty, Shown } from "~/parts/notes";
import { hrefOf } from "~/router";

interface Props {
  version: string;
  on: On;
  /** The switch between crops. */
  crops: ComponentChildren;
}

/** How well a version judges: figures, verdicts, curves, and how it learned. */
export function Quality({ version, on, crops }: Props) {
  const curves = useLoaded(`${version} ${on}`, () => curvesOf(version, on));
  return (
    <div class="stack">
      {crops}
      <Shown loaded={curves}>
        {(judged) => (
          <>
            {judged.graphene + judged.other === 0 ? (
              <NothingReviewed />
            ) : (
              <Judged curves={judged} />
            )}
            <Learning curves={judged} />
          </>
        )}
      </Shown>
    </div>
  );
}

function Judged({ curves }: { curves: Curves }) {
  const alone = [curves];
  return (
    <>
      <div class="models-beside">
        <div class="stack">
          <FigureTable curves={alone} />
        </div>
        <ConfusionTable curves={curves} />
      </div>
      <CurvePlots curves={alone} />
    </>
  );
}

export function NothingReviewed() {
  return (
    <Empty title="Nothing reviewed yet">
      Say of some flakes whether they are graphene; then every version can be judged on them.{" "}
      <a href={hrefOf(["review"])}>Review</a>
    </Empty>
  );
}

function Learning({ curves: { training_id, epochs } }: { curves: Curves }) {
  if (training_id === null || epochs.length === 0) {
    return (
      <p class="small quiet">
        It was not trained by this service, so its loss by epoch is not known here.
      </p>
    );
  }
  return (
    <section class="stack" aria-label="Learning">
      <h2>
        How it learned, in <a href={hrefOf(["trainings", training_id])}>training {training_id}</a>
      </h2>
      <EpochPlots epochs={epochs} />
    </section>
  );
}
