import { useState } from "preact/hooks";
import type { Schemas } from "~/api/client";
import { SendingEnd } from "~/pages/models/SendingEnd";
import { type SendingDialog, useSending } from "~/pages/models/use_sending";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import * as format from "~/parts/format";

type Dataset = Schemas["Dataset"];

interface Props extends SendingDialog {
  isOpen: boolean;
}

const MOST_BYTES = 2 ** 30;

/** Takes a zip of labelled pictures. */
export function AddDataSet(props: Props) {
  return (
    <Dialog title="Bring in a data set" isOpen={props.isOpen} onClose={props.onClose}>
      <Form {...props} />
    </Dialog>
  );
}

function Form(props: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [isGrouped, setGrouped] = useState(false);
  const [isExhaustive, setExhaustive] = useState(true);
  const { start, ...sending } = useSending<Dataset>(props);
  const reason = file ? tooLarge(file) : "Choose a zip first.";

  const bringIn = (event: Event) => {
    event.preventDefault();
    if (!file || reason || sending.isSending) return;
    const form = new FormData();
    if (name.trim()) form.set("name", name.trim());
    form.set("group_by", isGrouped ? "folder" : "none");
    if (!isExhaustive) form.set("exhaustive", "false");
    form.set("archive", file);
    void start("/v1/datasets", form, ({ name: given, graphene, other, groups }) => {
      return `${given}: ${graphene} graphene and ${other} other in ${groups} groups.`;
    });
  };

  return (
    <form class="stack" onSubmit={bringIn}>
      <Field
        label="Zip"
        hint="Folders graphene and non_graphene (also below train and test), or COCO with its images; up to 1 GiB."
        error={tooLarge(file)}
      >
        {(wire) => (
          <input
            {...wire}
            type="file"
            accept=".zip"
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
        )}
      </Field>
      <Field label="Name (may be left out)" hint="Else it is called as its file.">
        {(wire) => (
          <input
            {...wire}
            maxLength={200}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
      <fieldset class="models-choices">
        <legend>What is known of it</legend>
        <label>
          <input type="checkbox" checked={isGrouped} onChange={() => setGrouped(!isGrouped)} />
          <span>
            Pictures of one folder are of one chip
            <br />
            <span class="small quiet">
              Then they are never torn apart, and its figures are honest.
            </span>
          </span>
        </label>
        <label>
          <input
            type="checkbox"
            checked={isExhaustive}
            onChange={() => setExhaustive(!isExhaustive)}
          />
          <span>
            Every flake on its tiles is marked
            <br />
            <span class="small quiet">
              Else what looks like graphene and is not marked is left out. For COCO only.
            </span>
          </span>
        </label>
      </fieldset>
      <SendingEnd {...sending} then="Its labels are counted." verb="Bring in" reason={reason} />
    </form>
  );
}

function tooLarge(file: File | null): string | null {
  if (!file || file.size <= MOST_BYTES) return null;
  return `It has ${format.bytes(file.size)}; 1 GiB is allowed.`;
}
