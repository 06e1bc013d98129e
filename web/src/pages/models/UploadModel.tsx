import { useState } from "preact/hooks";
import { asProblem, type Problem } from "~/api/client";
import type { Model } from "~/pages/models/facts";
import { Sent } from "~/pages/models/Sent";
import { type Sending, send } from "~/pages/models/send";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import { ProblemNote } from "~/parts/notes";
import { toast } from "~/parts/toast";

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onDone: () => void;
}

/** Takes an exported network; it is checked and registered, not promoted. */
export function UploadModel(props: Props) {
  return (
    <Dialog title="Upload a network" isOpen={props.isOpen} onClose={props.onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form({ onClose, onDone }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [reference, setReference] = useState<File | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState<Sending<Model> | null>(null);
  const [share, setShare] = useState(0);

  const start = async (event: Event) => {
    event.preventDefault();
    if (!file || sending) return;
    const form = new FormData();
    form.set("model", file);
    if (reference) form.set("reference", reference);
    const begun = send<Model>("/v1/models", form, setShare);
    setProblem(null);
    setSending(begun);
    try {
      const { version } = await begun.done;
      toast(`${version} is registered. It is not active before it is promoted.`);
      onDone();
      onClose();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setSending(null);
    }
  };
  const leave = () => {
    sending?.stop();
    onClose();
  };

  return (
    <form class="stack" onSubmit={start}>
      <Field label="Network" hint="An ONNX file as a training of Flakescope exports it.">
        {(wire) => (
          <input
            {...wire}
            type="file"
            accept=".onnx"
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
        )}
      </Field>
      <Field
        label="Its own answers (may be left out)"
        hint="An npz with crops and p_graphene, by which parity is measured. Without parity the gate refuses it."
      >
        {(wire) => (
          <input
            {...wire}
            type="file"
            accept=".npz"
            onChange={(event) => setReference(event.currentTarget.files?.[0] ?? null)}
          />
        )}
      </Field>
      {sending && <Sent share={share} then="The file is checked." />}
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <Button onClick={leave}>{sending ? "Stop" : "Leave"}</Button>
        <Button type="submit" kind="main" reason={reasonAgainst(file, sending)}>
          Upload
        </Button>
      </div>
    </form>
  );
}

function reasonAgainst(file: File | null, sending: unknown): string | null {
  if (!file) return "Choose an ONNX file first.";
  return sending ? "It is on its way." : null;
}
