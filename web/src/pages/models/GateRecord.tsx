import { type Compared, type Gate, gateOf, type Model, ms, share } from "~/pages/models/facts";
import * as format from "~/parts/format";
import { Note } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";

/** What the gate measured and said when it was last asked. */
export function GateRecord({ model }: { model: Model }) {
  const gate = gateOf(model);
  return (
    <section class="card stack" aria-label="Gate">
      <h2>Gate</h2>
      {gate ? <Said gate={gate} /> : <Never model={model} />}
    </section>
  );
}

function Never({ model }: { model: Model }) {
  return (
    <p class="quiet">
      {model.is_active
        ? "No gate was asked: it is the version that the service began with or was started with."
        : "Nobody has asked for its promotion yet."}
    </p>
  );
}

interface Row {
  where: string;
  compared: Compared | null;
}

function Said({ gate }: { gate: Gate }) {
  const { comparedWith } = gate;
  const rows: Row[] = [
    { where: "Holdout", compared: gate.holdout },
    { where: gate.reviews ? "Newest reviews" : "Reviews: none then", compared: gate.reviews },
  ];
  const columns: Column<Row>[] = [
    { head: "Balanced accuracy", cell: ({ where }) => where },
    { head: "This", isNumber: true, cell: (row) => share(row.compared?.candidate) },
    {
      head: comparedWith ?? "Active",
      isNumber: true,
      cell: (row) => share(row.compared?.active),
    },
    { head: "Difference, 95 %", isNumber: true, cell: (row) => difference(row.compared) },
    { head: "Crops", isNumber: true, cell: (row) => format.count(row.compared?.crops) },
  ];
  return (
    <>
      <Verdict gate={gate} />
      {comparedWith ? (
        <Table
          caption={`Compared with ${comparedWith}`}
          columns={columns}
          rows={rows}
          keyOf={({ where }) => where}
        />
      ) : (
        <p class="quiet">No version was active: it was compared with none.</p>
      )}
      <p>
        {ms(gate.msPerCrop)} per crop on the service's computer. Asked by {gate.who ?? "unknown"},{" "}
        {format.moment(gate.at)}.
      </p>
    </>
  );
}

function Verdict({ gate: { reasons, isForced } }: { gate: Gate }) {
  if (reasons.length === 0) return <Note kind="good">Nothing spoke against it.</Note>;
  return (
    <Note kind={isForced ? "warn" : "bad"}>
      <strong>{isForced ? "Promoted against the gate" : "Refused"}</strong>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </Note>
  );
}

function difference(compared: Compared | null): string {
  const { low, high } = compared ?? {};
  if (low == null || high == null) return "unknown";
  return `${signed(low)} to ${signed(high)}`;
}

function signed(value: number): string {
  return `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(3)}`;
}
