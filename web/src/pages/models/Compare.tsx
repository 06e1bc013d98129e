import { useState } from "preact/hooks";
import { useLoaded } from "~/api/loaded";
import { CropsSwitch } from "~/pages/models/CropsSwitch";
import { CurvePlots } from "~/pages/models/CurvePlots";
import { type Curves, isSameCrops } from "~/pages/models/comparison";
import { FigureTable } from "~/pages/models/FigureTable";
import { judge, type On } from "~/pages/models/judged";
import { Note, ProblemNote, Shown } from "~/parts/notes";

interface Props {
  versions: readonly string[];
  on: On;
  onCrops: (on: On) => void;
  /** There is nothing to compare with. */
  isAlone: boolean;
}

/** Two to four versions on the same crops. */
export function Compare({ versions, on, onCrops, isAlone }: Props) {
  if (versions.length < 2) {
    return (
      <p class="quiet">
        {isAlone
          ? "This is the only version. Train or upload another one to compare."
          : "Tick two to four versions to compare them on the same crops."}
      </p>
    );
  }
  return (
    <section class="stack" aria-label="Comparison">
      <div class="row spread">
        <h2>Comparison</h2>
        <CropsSwitch on={on} onChange={onCrops} />
      </div>
      <Compared key={on} versions={versions} on={on} />
    </section>
  );
}

function Compared({ versions, on }: { versions: readonly string[]; on: On }) {
  // What was asked for once is not asked for again when a third version is ticked.
  const [known] = useState(() => new Map<string, Curves>());
  const judged = useLoaded(versions.join(), () => judge(versions, on, known));
  return (
    <Shown loaded={judged}>
      {({ curves, problems }) => (
        <>
          {problems.map(([version, problem]) => (
            <div key={version}>
              <p>{version} could not be judged:</p>
              <ProblemNote problem={problem} />
            </div>
          ))}
          {curves.length > 0 && <Shaped curves={curves} />}
        </>
      )}
    </Shown>
  );
}

function Shaped({ curves }: { curves: readonly Curves[] }) {
  const [first] = curves;
  if (!first || first.graphene + first.other === 0) {
    return <Note>Nobody has reviewed a flake yet: there is nothing to compare on.</Note>;
  }
  return (
    <>
      {!isSameCrops(curves) && (
        <Note kind="warn">
          These were judged on different crops, for somebody has reviewed meanwhile. Load the page
          again; until then no figure is marked as best.
        </Note>
      )}
      <FigureTable curves={curves} />
      <CurvePlots curves={curves} />
    </>
  );
}
