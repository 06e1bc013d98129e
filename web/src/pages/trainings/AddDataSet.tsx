import { useState } from "preact/hooks";
import { asProblem, type Problem, type Schemas } from "~/api/client";
import { Sent } from "~/pages/models/Sent";
import { type Sending, send } from "~/pages/models/send";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import * as format from "~/parts/format";
import { ProblemNote } from "~/parts/notes";
import { toast } from "~/parts/toast";

type Dataset = Schemas["Dataset"];

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onDone: () => void;
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

function Form({ onClose, onDone }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [isGrouped, setGrouped] = useState(false);
  const [isExhaustive, setExhaustive] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState<Sending<Dataset> | null>(null);
  const [share, setShare] = useState(0);
  const reason = reasonAgainst(file, sending);

  const start = async (event: Event) => {
    event.preventDefault();
    if (!file || reason) return;
    const form = new FormData();
    if (name.trim()) form.set("name", name.trim());
    form.set("group_by", isGrouped ? "folder" : "none");
    if (!isExhaustive) form.set("exhaustive", "false");
    form.set("archive", file);
    const begun = send<Dataset>("/v1/datasets", form, setShare);
    setProblem(null);
    setSending(begun);
    try {
      const { name: given, graphene, other, groups } = await begun.done;
      toast(`${given}: ${graphene} graphene and ${other} other in ${groups} groups.`);
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
      {sending && <Sent share={share} then="Its labels are counted." />}
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <Button onClick={leave}>{sending ? "Stop" : "Leave"}</Button>
        <Button type="submit" kind="main" reason={reason}>
          Bring in
        </Button>
      </div>
    </form>
  );
}

function tooLarge(file: File | null): string | null {
  if (!file || file.size <= MOST_BYTES) return null;
  return `It has ${format.bytes(file.size)}; 1 GiB is allowed.`;
}

function reasonAgainst(file: File | null, sending: unknown): string | null {
  if (!file) return "Choose a zip first.";
  return tooLarge(file) ?? (sending ? "It is on its way." : null);
}
