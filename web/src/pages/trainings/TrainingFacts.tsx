import { textOf } from "~/pages/models/facts";
import { baseOf, learnedFrom, networkOf, span, type Training } from "~/pages/trainings/training";
import * as format from "~/parts/format";

/** What was asked for, and what happened when. */
export function TrainingFacts({ training }: { training: Training }) {
  const { config } = training;
  const datasets = Array.isArray(config.datasets) ? config.datasets : [];
  return (
    <div class="models-beside">
      <section class="card stack" aria-label="Asked for">
        <h2>Asked for</h2>
        <dl class="facts">
          <dt>Network</dt>
          <dd>{networkOf(training)}</dd>
          <dt>Begins with</dt>
          <dd>{baseOf(training)}</dd>
          <dt>Learns from</dt>
          <dd>
            {[
              config.reviews && "the reviews",
              datasets.length && `data sets ${datasets.join(", ")}`,
            ]
              .filter(Boolean)
              .join(" and ")}
          </dd>
          {learnedFrom(training) && (
            <>
              <dt>That was</dt>
              <dd>{learnedFrom(training)}</dd>
            </>
          )}
          <dt>Epochs</dt>
          <dd>{String(config.epochs)}</dd>
          <dt>Optimiser</dt>
          <dd>
            {textOf(config.optimizer) ?? "unknown"}, learning rate {String(config.learning_rate)},
            seed {String(config.seed)}
          </dd>
          <dt>Remark</dt>
          <dd>{training.note ?? "none"}</dd>
        </dl>
      </section>
      <section class="card stack" aria-label="What happened">
        <h2>What happened</h2>
        <ol class="models-log">
          {happened(training).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function happened(training: Training): string[] {
  const { created_at, created_by, started_at, ended_at, state, epochs } = training;
  const last = epochs.at(-1);
  return [
    `${format.moment(created_at)}: asked for by ${created_by}`,
    started_at && `${format.moment(started_at)}: began`,
    last && `Epoch ${last.number} of ${last.epochs} done, ${span(last.took_s)} each`,
    ended_at && `${format.moment(ended_at)}: ${state}`,
  ].filter((line) => typeof line === "string");
}
