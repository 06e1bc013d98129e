import { interval, share } from "~/pages/models/facts";
import {
  type Gained,
  type JudgedSet,
  judgedSets,
  notesOf,
  type Training,
} from "~/pages/trainings/training";
import { Note } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";

/** What a training has come to, beside what it began with. */
export function Outcome({ training }: { training: Training }) {
  const sets = judgedSets(training);
  if (sets.length === 0) return null;
  return (
    <section class="stack" aria-label="Outcome">
      <h2>What it came to</h2>
      {notesOf(training).map((note) => (
        <Note key={note} kind="warn">
          {note}
        </Note>
      ))}
      {sets.map((set) => (
        <JudgedOn key={set.title} set={set} />
      ))}
    </section>
  );
}

function JudgedOn({ set }: { set: JudgedSet }) {
  return (
    <div class="stack">
      <h3>{set.title}</h3>
      <Table caption={set.title} columns={COLUMNS} rows={set.gained} keyOf={({ name }) => name} />
      <p class="small quiet">
        {set.graphene ?? "unknown"} graphene, {set.other ?? "unknown"} other. The one that it began
        with was judged on the same crops.
      </p>
    </div>
  );
}

const COLUMNS: Column<Gained>[] = [
  { head: "Figure", cell: ({ name }) => name },
  { head: "New", isNumber: true, cell: ({ now }) => share(now.value) },
  { head: "95 % interval", isNumber: true, cell: ({ now }) => interval(now) || "unknown" },
  { head: "Began with", isNumber: true, cell: ({ before }) => share(before) },
];
