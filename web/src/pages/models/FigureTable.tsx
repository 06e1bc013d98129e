import {
  bestOf,
  type Curves,
  intervalOf,
  isSameCrops,
  KINDS,
  type Kind,
} from "~/pages/models/comparison";
import { share } from "~/pages/models/facts";
import { type Column, Table } from "~/parts/Table";
import { hrefOf } from "~/router";

/** Figures of one version or of several; the best of each row is marked. */
export function FigureTable({ curves }: { curves: readonly Curves[] }) {
  const isCompared = curves.length > 1 && isSameCrops(curves);
  const columns: Column<Kind>[] = [
    {
      head: "Figure",
      cell: ({ label, meaning }) => (
        <span class="models-name">
          {label}
          <span class="small quiet models-meaning">{meaning}</span>
        </span>
      ),
    },
    ...curves.map((one, at) => ({
      head: curves.length > 1 ? one.version : "Value",
      isNumber: true,
      cell: (kind: Kind) => {
        const values = curves.map(({ figures }) => figures[kind.name]);
        const isBest = isCompared && bestOf(values, kind.isLessBetter)[at] === true;
        return <Value kind={kind} curves={one} isBest={isBest} />;
      },
    })),
  ];
  const [first] = curves;
  return (
    <>
      <Table
        caption="Figures at each version's own threshold"
        columns={columns}
        rows={KINDS}
        keyOf={({ name }) => name}
      />
      {first && (
        <p class="small quiet">
          On {first.name}: {first.graphene} crops of graphene, {first.other} of other things.{" "}
          {curves.map(({ version, threshold }, at) => (
            <span key={version}>
              {at > 0 && ", "}
              {curves.length > 1 ? <a href={hrefOf(["models", version])}>{version}</a> : "It"} calls
              graphene from p = {share(threshold)}
            </span>
          ))}
          . Below a share stands its 95 % interval (Wilson), as if crops were independent.
          {curves.length > 1 &&
            " Where intervals overlap widely, the difference may be chance, best or not; the gate tests that properly."}
        </p>
      )}
    </>
  );
}

function Value({ kind, curves, isBest }: { kind: Kind; curves: Curves; isBest: boolean }) {
  const value = curves.figures[kind.name];
  const range = value === null ? null : intervalOf(kind.name, curves);
  return (
    <span class="models-name">
      <span>
        {isBest && <span class="badge is-good models-best">best</span>}
        {value === null ? <span class="quiet">unknown</span> : share(value)}
      </span>
      {range && (
        <span class="small quiet">
          {share(range[0])} to {share(range[1])}
        </span>
      )}
    </span>
  );
}
