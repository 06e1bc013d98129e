import { isOver, type Training } from "~/pages/trainings/training";
import { Note } from "~/parts/notes";

/** Nothing moves where no trainer runs. */
export function TrainerNote({ trainings }: { trainings: readonly Training[] }) {
  const isStuck = trainings.some((one) => !isOver(one) && !one.trainer_alive);
  if (!isStuck) return null;
  return (
    <Note kind="warn">
      <strong>No trainer runs</strong>
      <p>
        A training waits until somebody starts <code>flakescope trainer</code> beside the service,
        on the same data. One that was running then goes on from its last epoch.
      </p>
    </Note>
  );
}
