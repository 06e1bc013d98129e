import { useState } from "preact/hooks";
import { api, got, urlOf } from "~/api/client";
import { useAdminReason } from "~/api/session";
import { EpochPlots } from "~/pages/trainings/EpochPlots";
import { Next } from "~/pages/trainings/Next";
import { Outcome } from "~/pages/trainings/Outcome";
import { Epochs, Left, StateBadge } from "~/pages/trainings/State";
import { TrainerNote } from "~/pages/trainings/TrainerNote";
import { TrainingFacts } from "~/pages/trainings/TrainingFacts";
import { isOver, type Training } from "~/pages/trainings/training";
import { useTraining } from "~/pages/trainings/use_trainings";
import { Button } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import { Note, Shown } from "~/parts/notes";
import { toast } from "~/parts/toast";
import { hrefOf } from "~/router";

/** One training, live. */
export function TrainingPage({ id }: { id: number }) {
  const training = useTraining(id);
  const one = training.value;
  return (
    <>
      <div class="page-head">
        <div class="row">
          <h1>Training {id}</h1>
          {one && <StateBadge training={one} />}
        </div>
        <div class="row">
          <a href={hrefOf(["trainings"])}>All trainings</a>
          {one?.report && (
            <a class="button" href={urlOf(one.report)} download>
              Report
            </a>
          )}
          {one && !isOver(one) && <Cancel training={one} onDone={training.set} />}
          {one?.model_version && <Next version={one.model_version} />}
        </div>
      </div>
      <Shown loaded={training}>{(value) => <Told training={value} />}</Shown>
    </>
  );
}

function Told({ training }: { training: Training }) {
  return (
    <div class="stack">
      <TrainerNote trainings={[training]} />
      <Now training={training} />
      <Outcome training={training} />
      {training.epochs.length > 0 && <EpochPlots epochs={training.epochs} />}
      <TrainingFacts training={training} />
    </div>
  );
}

/** In a sentence: how far it is, or why it ended. */
function Now({ training }: { training: Training }) {
  if (training.state === "failed") {
    return (
      <Note kind="bad">
        <strong>It failed</strong>
        <p>{training.reason ?? "Nobody knows why."}</p>
      </Note>
    );
  }
  if (training.state === "cancelled")
    return <Note kind="warn">It was cancelled; nothing of it was kept.</Note>;
  if (training.state === "queued") {
    return training.trainer_alive ? <Note>It waits for the trainings before it.</Note> : null;
  }
  if (training.state !== "running") return null;
  const last = training.epochs.at(-1);
  const isEnding = last !== undefined && last.number >= last.epochs;
  return (
    <div class="card row spread">
      <Epochs training={training} />
      <span>
        {isEnding ? (
          "All epochs are done: it is judged and exported."
        ) : (
          <>
            Left: <Left training={training} />
          </>
        )}
      </span>
    </div>
  );
}

function Cancel({ training, onDone }: { training: Training; onDone: (now: Training) => void }) {
  const admin = useAdminReason();
  const [isAsking, setAsking] = useState(false);
  const cancel = async () => {
    const params = { path: { training_id: training.id } };
    onDone(await got(api.POST("/v1/trainings/{training_id}/cancel", { params })));
    toast(`Training ${training.id} was cancelled.`);
  };
  return (
    <>
      <Button kind="danger" reason={admin} onClick={() => setAsking(true)}>
        Cancel
      </Button>
      <Confirm
        title={`Cancel training ${training.id}?`}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        verb="Cancel the training"
        onConfirm={cancel}
      >
        <p>It ends within seconds. What it has learned is lost; reviews and data sets stay.</p>
      </Confirm>
    </>
  );
}
