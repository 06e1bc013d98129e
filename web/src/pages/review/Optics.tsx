import { useMemo } from "preact/hooks";
import type { Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import * as format from "~/parts/format";
import { Shown } from "~/parts/notes";
import { Plot } from "~/parts/Plot";
import { Table } from "~/parts/Table";
import { CHANNELS, curveOf, fitsBadly } from "./curve";
import type { Flake } from "./desk";
import { fetchOptics } from "./optics";
import { contrast, oxideWords, probabilityWords } from "./words";

type FlakeOptics = Schemas["FlakeOptics"];

/** The thin-film curve with this flake on it, and what follows. */
export function Optics({ flake, layers }: { flake: Flake; layers: number | null }) {
  const loaded = useLoaded(String(flake.id), () => fetchOptics(flake.id));
  return (
    <section class="card single-optics" aria-label="Contrast and layers">
      <h3>Contrast over layers</h3>
      <Shown loaded={loaded}>{(optics) => <Known optics={optics} layers={layers} />}</Shown>
    </section>
  );
}

function Known({ optics, layers }: { optics: FlakeOptics; layers: number | null }) {
  const curve = useMemo(() => curveOf(optics, layers), [optics, layers]);
  return (
    <>
      <p>
        <strong>
          {layers === null ? "Layers unknown." : `Counts as ${format.layers(layers)}.`}
        </strong>{" "}
        {probabilityWords(optics, layers)}
      </p>
      {fitsBadly(optics, layers) && (
        <p class="note is-warn">
          Fits badly: its contrast lies off the curve of {format.layers(layers)}. Look at the oxide,
          the light, and whether it is graphene at all.
        </p>
      )}
      <p class="small quiet">{oxideWords(optics)}</p>
      <Plot {...curve} isWhole xLabel="layers" yLabel="contrast" height={230} />
      <Legend />
      <details>
        <summary>The numbers</summary>
        <Table
          caption="Expected contrast over the number of layers"
          columns={[
            { head: "Layers", cell: (point) => point.layers, isNumber: true },
            ...["Red", "Green", "Blue"].map((head, index) => ({
              head,
              cell: (point: FlakeOptics["curve"][number]) => withSigma(point, index),
              isNumber: true,
            })),
          ]}
          rows={optics.curve}
          keyOf={(point) => point.layers}
        />
      </details>
    </>
  );
}

/** The plot's own legend has a line for each of seven; this is what they have in common. */
function Legend() {
  return (
    <p class="small quiet single-legend">
      {CHANNELS.map(({ name, colour, dash }) => (
        <span key={name}>
          <span class="badge-dot" style={{ background: `var(${colour})` }} aria-hidden="true" />
          {name}, {dash}
        </span>
      ))}
      <span>lines: expected</span>
      <span>rings: this flake</span>
    </p>
  );
}

function withSigma(point: FlakeOptics["curve"][number], index: number): string {
  const value = contrast(point.contrast_rgb[index] ?? 0);
  return `${value} \u00b1 ${(point.sigma_rgb[index] ?? 0).toFixed(3)}`;
}
