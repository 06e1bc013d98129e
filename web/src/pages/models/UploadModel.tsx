import { useState } from "preact/hooks";
import type { Model } from "~/pages/models/facts";
import { SendingEnd } from "~/pages/models/SendingEnd";
import { type SendingDialog, useSending } from "~/pages/models/use_sending";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";

interface Props extends SendingDialog {
  isOpen: boolean;
}

/** Takes an exported network; it is checked and registered, not promoted. */
export function UploadModel(props: Props) {
  return (
    <Dialog title="Upload a network" isOpen={props.isOpen} onClose={props.onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form(props: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [reference, setReference] = useState<File | null>(null);
  const { start, ...sending } = useSending<Model>(props);

  const upload = (event: Event) => {
    event.preventDefault();
    if (!file || sending.isSending) return;
    const form = new FormData();
    form.set("model", file);
    if (reference) form.set("reference", reference);
    void start("/v1/models", form, ({ version }) => {
      return `${version} is registered. It is not active before it is promoted.`;
    });
  };

  return (
    <form class="stack" onSubmit={upload}>
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
      <SendingEnd
        {...sending}
        then="The file is checked."
        verb="Upload"
        reason={file ? null : "Choose an ONNX file first."}
      />
    </form>
  );
}
