import { useAdminReason } from "~/api/session";
import { SectionNav } from "~/pages/models/SectionNav";
import { loss } from "~/pages/trainings/EpochPlots";
import { StartTraining } from "~/pages/trainings/StartTraining";
import { Epochs, Left, StateBadge } from "~/pages/trainings/State";
import { TrainerNote } from "~/pages/trainings/TrainerNote";
import { networkOf, type Training } from "~/pages/trainings/training";
import { useTrainings } from "~/pages/trainings/use_trainings";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { Empty, Note, Shown } from "~/parts/notes";
import { type Column, Table } from "~/parts/Table";
import { hrefOf, replacePlace, usePlace } from "~/router";

/** Every training, live; and a form for another one. */
export function TrainingList() {
  const trainings = useTrainings();
  const admin = useAdminReason();
  const isStarting = usePlace().query.get("start") === "true";
  const start = (isOpen: boolean) =>
    replacePlace(hrefOf(["trainings"], { start: isOpen ? true : null }));
  return (
    <>
      <div class="page-head">
        <h1>Trainings</h1>
        {!isStarting && (
          <Button kind="main" reason={admin} onClick={() => start(true)}>
            Start a training
          </Button>
        )}
      </div>
      <SectionNav at="trainings" />
      {isStarting &&
        (admin ? <Note>{admin}</Note> : <StartTraining onLeave={() => start(false)} />)}
      <Shown loaded={trainings}>
        {({ items }) =>
          items.length ? (
            <div class="stack">
              <TrainerNote trainings={items} />
              <Table
                caption="Trainings, newest first"
                columns={COLUMNS}
                rows={items}
                keyOf={({ id }) => id}
              />
            </div>
          ) : (
            <Empty title="No training yet">
              Review flakes first, some graphene and some not; then the network can learn from them.
              A hundred reviews help, on two chips or more.
            </Empty>
          )
        }
      </Shown>
    </>
  );
}

const COLUMNS: Column<Training>[] = [
  {
    head: "Training",
    cell: (one) => (
      <span class="row models-tight">
        <a href={hrefOf(["trainings", one.id])}>Training {one.id}</a>
        <StateBadge training={one} />
      </span>
    ),
  },
  {
    head: "Asked",
    cell: (one) => (
      <span class="models-name">
        <span title={format.moment(one.created_at)}>{format.ago(one.created_at)}</span>
        <span class="small quiet">by {one.created_by}</span>
      </span>
    ),
  },
  { head: "Network", cell: networkOf },
  { head: "Epochs", cell: (one) => <Epochs training={one} /> },
  {
    head: "Loss",
    isNumber: true,
    cell: ({ epochs }) => {
      const last = epochs.at(-1);
      return loss(last?.validation_loss ?? last?.training_loss);
    },
  },
  { head: "F1", isNumber: true, cell: ({ epochs }) => loss(epochs.at(-1)?.f1) },
  { head: "Ends", cell: (one) => <End training={one} /> },
  {
    head: "Version",
    cell: ({ model_version }) =>
      model_version ? <a href={hrefOf(["models", model_version])}>{model_version}</a> : "none",
  },
];

function End({ training }: { training: Training }) {
  if (training.state === "running") return <Left training={training} />;
  if (training.state === "queued") return <>waits</>;
  return <span title={format.moment(training.ended_at)}>{format.ago(training.ended_at)}</span>;
}
