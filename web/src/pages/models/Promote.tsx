import { useState } from "preact/hooks";
import { api, asProblem, got, type Problem } from "~/api/client";
import { Force } from "~/pages/models/Force";
import type { Model } from "~/pages/models/facts";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Note, ProblemNote } from "~/parts/notes";
import { hrefOf } from "~/router";

interface Props {
  /** null = closed. */
  model: Pick<Model, "version"> | null;
  onClose: () => void;
  onDone: () => void;
}

/** Asks the gate, shows its reasons, and what to look at afterwards. */
export function Promote({ model, onClose, onDone }: Props) {
  const version = model?.version ?? "";
  return (
    <Dialog title={`Promote ${version}`} isOpen={model !== null} onClose={onClose}>
      <Asking version={version} onClose={onClose} onDone={onDone} />
    </Dialog>
  );
}

function Asking({ version, onClose, onDone }: Omit<Props, "model"> & { version: string }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [promoted, setPromoted] = useState<Model | null>(null);

  const ask = async (force: boolean) => {
    try {
      const params = { path: { version } };
      setPromoted(await got(api.POST("/v1/models/{version}/promote", { params, body: { force } })));
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
    // A refusal is recorded in the version, too.
    onDone();
  };

  if (promoted) return <Done model={promoted} onClose={onClose} />;
  if (problem) {
    const isRefused = problem.status === 409 && problem.reasons.length > 0;
    return (
      <div class="stack">
        {isRefused ? <Refusal reasons={problem.reasons} /> : <ProblemNote problem={problem} />}
        {isRefused && <Force version={version} onForce={() => ask(true)} />}
        <div class="dialog-end">
          <Button onClick={onClose}>Leave it as it is</Button>
          {!isRefused && <Button onClick={() => ask(false)}>Try again</Button>}
        </div>
      </div>
    );
  }
  return (
    <div class="stack">
      <p>
        The gate first compares it with the active version, on the holdout and on the newest
        reviews. That takes up to half a minute. If it is not worse, it screens every new tile from
        then on; what was screened stays as it is.
      </p>
      <div class="dialog-end">
        <Button onClick={onClose}>Leave it as it is</Button>
        <Button kind="main" onClick={() => ask(false)}>
          Ask the gate and promote
        </Button>
      </div>
    </div>
  );
}

function Refusal({ reasons }: { reasons: readonly string[] }) {
  return (
    <div class="note is-bad" role="alert">
      <strong>The gate refuses</strong>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </div>
  );
}

function Done({ model, onClose }: { model: Model; onClose: () => void }) {
  const { version, replaced_version } = model;
  return (
    <div class="stack">
      <Note kind="good">
        <p role="status">
          <strong>{version}</strong> screens new tiles now
          {replaced_version && ` instead of ${replaced_version}`}.
        </p>
      </Note>
      <p>
        Scans that were screened before keep their verdicts. To see what it says of them, screen one
        again and look at <em>What changed</em>.
      </p>
      <div class="dialog-end">
        <Button onClick={onClose}>Close</Button>
        <a
          class="button is-main"
          href={hrefOf(["models", version], { tab: "changes", from: replaced_version })}
          onClick={onClose}
        >
          What changed
        </a>
      </div>
    </div>
  );
}
