import { BADGES, epochsOf, leftOf, type Training } from "~/pages/trainings/training";
import { useSeconds } from "~/pages/trainings/use_trainings";
import { Progress } from "~/parts/notes";

export function StateBadge({ training }: { training: Training }) {
  return <span class={`badge ${BADGES[training.state] ?? ""}`}>{training.state}</span>;
}

/** How many epochs are done. */
export function Epochs({ training }: { training: Training }) {
  const done = training.epochs.at(-1)?.number ?? 0;
  return (
    <Progress label={`Epochs of training ${training.id}`} value={done} of={epochsOf(training)} />
  );
}

/** How long it still takes. */
export function Left({ training }: { training: Training }) {
  const isRunning = training.state === "running";
  const since = useSeconds(training.epochs.at(-1)?.number, isRunning);
  return <>{leftOf(training, since)}</>;
}
