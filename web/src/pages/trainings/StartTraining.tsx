import { useState } from "preact/hooks";
import { api, asProblem, got, type Problem } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { Advanced } from "~/pages/trainings/Advanced";
import {
  type Asked,
  bodyOf,
  reasonAgainst,
  sentenceOf,
  USUAL,
  wrongEpochs,
} from "~/pages/trainings/asked";
import { type KnownData, readKnown } from "~/pages/trainings/known";
import { NetworkFields } from "~/pages/trainings/NetworkFields";
import { SourceFields } from "~/pages/trainings/SourceFields";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";
import { Note, ProblemNote, Shown } from "~/parts/notes";
import { goTo, hrefOf } from "~/router";

/** A form with defaults that suit most labs: learn from all reviews, go on from the active one. */
export function StartTraining({ onLeave }: { onLeave: () => void }) {
  const known = useLoaded("what a training knows", readKnown);
  return (
    <section class="card models-start" aria-label="Start a training">
      <h2>Start a training</h2>
      <Shown loaded={known}>{(value) => <Form known={value} onLeave={onLeave} />}</Shown>
    </section>
  );
}

function Form({ known, onLeave }: { known: KnownData; onLeave: () => void }) {
  const [asked, setAsked] = useState<Asked>(USUAL);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSending, setSending] = useState(false);
  const change = (part: Partial<Asked>) => setAsked((old) => ({ ...old, ...part }));
  const reason = isSending ? "It is being asked for." : reasonAgainst(asked);

  const start = async (event: Event) => {
    event.preventDefault();
    if (reason) return;
    setSending(true);
    try {
      const { id } = await got(api.POST("/v1/trainings", { body: bodyOf(asked) }));
      goTo(hrefOf(["trainings", id]));
    } catch (error) {
      setProblem(asProblem(error));
      setSending(false);
    }
  };

  return (
    <form class="stack models-below" onSubmit={start}>
      <SourceFields asked={asked} known={known} onChange={change} />
      <NetworkFields asked={asked} known={known} onChange={change} />
      <Field
        label="Epochs"
        hint="How often it goes through the data. 6 suit reviews; 20 or more where it begins anew."
        error={wrongEpochs(asked.epochs)}
      >
        {(wire) => (
          <input
            {...wire}
            inputMode="numeric"
            value={asked.epochs}
            onInput={(event) => change({ epochs: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label="Remark (may be left out)"
        hint="Why, or after which chips: it stays with the version."
      >
        {(wire) => (
          <input
            {...wire}
            maxLength={2000}
            value={asked.note}
            onInput={(event) => change({ note: event.currentTarget.value })}
          />
        )}
      </Field>
      <Advanced asked={asked} onChange={change} />
      <Note>
        {sentenceOf(asked, known)} The new version is registered, not promoted: you decide that
        afterwards. Screening of new tiles goes first.
      </Note>
      {problem && <ProblemNote problem={problem} />}
      <div class="row">
        <Button type="submit" kind="main" reason={reason}>
          Start
        </Button>
        <Button onClick={onLeave}>Leave</Button>
      </div>
    </form>
  );
}
