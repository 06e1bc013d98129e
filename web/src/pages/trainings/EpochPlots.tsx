import { useMemo } from "preact/hooks";

import { type Epoch, span } from "~/pages/trainings/training";
import { Plot } from "~/parts/Plot";
import { type Column, Table } from "~/parts/Table";

/** Loss and F1 by epoch, as plots and as a table. */
export function EpochPlots({ epochs }: { epochs: readonly Epoch[] }) {
  const drawn = useMemo(() => {
    // A last epoch's value alone on its axis would stand at the border.
    const x = epochs.map(({ number }) => number);
    const range: [number, number] = [0.5, Math.max(epochs.at(-1)?.epochs ?? 1, 1) + 0.5];
    return {
      x,
      range,
      losses: [
        { label: "training loss", y: epochs.map((one) => one.training_loss) },
        { label: "validation loss", y: epochs.map((one) => one.validation_loss) },
      ],
      f1: [{ label: "F1", y: epochs.map((one) => one.f1) }],
    };
  }, [epochs]);
  return (
    <>
      <div class="models-plots">
        <figure class="card">
          <figcaption>Loss: it should fall, and the two should stay together</figcaption>
          <Plot
            description="Training and validation loss by epoch; the values are in the table"
            x={drawn.x}
            xRange={drawn.range}
            isWhole
            lines={drawn.losses}
            xLabel="epoch"
            yLabel="loss"
          />
        </figure>
        <figure class="card">
          <figcaption>F1 of what was held out, at even odds</figcaption>
          <Plot
            description="F1 by epoch; the values are in the table"
            x={drawn.x}
            xRange={drawn.range}
            isWhole
            yRange={[0, 1]}
            lines={drawn.f1}
            xLabel="epoch"
            yLabel="F1"
          />
        </figure>
      </div>
      <details>
        <summary>As a table</summary>
        <div class="models-below">
          <Table
            caption="Loss and F1 by epoch"
            columns={COLUMNS}
            rows={epochs}
            keyOf={({ number }) => number}
          />
        </div>
      </details>
    </>
  );
}

const COLUMNS: Column<Epoch>[] = [
  { head: "Epoch", isNumber: true, cell: ({ number }) => number },
  { head: "Training loss", isNumber: true, cell: (one) => loss(one.training_loss) },
  { head: "Validation loss", isNumber: true, cell: (one) => loss(one.validation_loss) },
  { head: "F1", isNumber: true, cell: (one) => loss(one.f1) },
  { head: "Took", isNumber: true, cell: (one) => span(one.took_s) },
];

export function loss(value: number | null | undefined): string {
  return value == null ? "unknown" : value.toFixed(3);
}
