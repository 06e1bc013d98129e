import { useMemo, useState } from "preact/hooks";
import { type Curves, MOST_COMPARED } from "~/pages/models/comparison";
import {
  calibrationOf,
  LEAST_CROPS,
  type Point,
  precisionOf,
  rocOf,
  trace,
} from "~/pages/models/curves";
import { Button } from "~/parts/Button";
import { type Line, Plot } from "~/parts/Plot";

type Range = [number, number];
const WHOLE: Range = [0, 1];
// Good networks differ in the corner alone.
const LOW: Range = [0, 0.2];
const HIGH: Range = [0.8, 1];

const EVEN: Point[] = [
  { x: 0, y: 0 },
  { x: 1, y: 1 },
];

interface Drawn {
  x: number[];
  lines: Line[];
}

/** ROC, precision over recall, and calibration, of all versions in the same plots. */
export function CurvePlots({ curves }: { curves: readonly Curves[] }) {
  const [isCorner, setCorner] = useState(false);
  const roc = useMemo(() => drawn(curves, rocOf), [curves]);
  const precision = useMemo(() => drawn(curves, precisionOf), [curves]);
  const calibration = useMemo(() => drawn(curves, calibrationOf, true), [curves]);
  const names = curves.map(({ version }) => version).join(", ");
  return (
    <section class="stack" aria-label="Curves">
      <div class="row spread">
        <h2>Curves</h2>
        <Button isPressed={isCorner} onClick={() => setCorner(!isCorner)}>
          Enlarge the good corner
        </Button>
      </div>
      <div class="models-plots">
        <figure class="card">
          <figcaption>ROC</figcaption>
          <Plot
            {...roc}
            description={`ROC of ${names}: recall over false alarms; the figures are in the table`}
            xLabel="false alarms"
            yLabel="recall"
            xRange={isCorner ? LOW : WHOLE}
            yRange={isCorner ? HIGH : WHOLE}
          />
        </figure>
        <figure class="card">
          <figcaption>Precision over recall</figcaption>
          <Plot
            {...precision}
            description={`Precision over recall of ${names}; the figures are in the table`}
            xLabel="recall"
            yLabel="precision"
            xRange={isCorner ? HIGH : WHOLE}
            yRange={isCorner ? HIGH : WHOLE}
          />
        </figure>
        <figure class="card">
          <figcaption title={`Bins of fewer than ${LEAST_CROPS} crops are left out`}>
            Calibration: of what is called 0.8, 80 % should be graphene
          </figcaption>
          <Plot
            {...calibration}
            description={`Share that is graphene over p, of ${names}`}
            xLabel="p (mean of a bin)"
            yLabel="share that is graphene"
            xRange={WHOLE}
            yRange={WHOLE}
          />
        </figure>
      </div>
    </section>
  );
}

function drawn(
  curves: readonly Curves[],
  pathOf: (curves: Curves) => Point[],
  isEvenShown = false,
): Drawn {
  const paths = curves.map(pathOf);
  const labels = curves.map(({ version }) => version);
  // A fifth line would look as the first one.
  if (isEvenShown && curves.length < MOST_COMPARED) {
    paths.push(EVEN);
    labels.push("as it should be");
  }
  const { x, lines } = trace(paths);
  return { x, lines: lines.map((y, at) => ({ label: labels[at] ?? "", y })) };
}
