import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { asProblem, type Problem } from "~/api/problem";
import { fieldsOf, NOTHING_SAID, whyNot } from "~/pages/scans/upload/fields";
import { SaidFields } from "~/pages/scans/upload/SaidFields";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import { Note, ProblemNote } from "~/parts/notes";
import { toast } from "~/parts/toast";

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onImported: () => void;
}

/** Asks for a folder that the service reads itself: nothing has to be sent. */
export function ImportDialog({ isOpen, onClose, onImported }: Props) {
  return (
    <Dialog title="A folder on the server" isOpen={isOpen} onClose={onClose}>
      <Form onClose={onClose} onImported={onImported} />
    </Dialog>
  );
}

function Form({ onClose, onImported }: Omit<Props, "isOpen">) {
  const [folder, setFolder] = useState("");
  const [said, setSaid] = useState(NOTHING_SAID);
  const [problem, setProblem] = useState<Problem | null>(null);
  const reason = folder.trim() ? whyNot(said) : "Name the folder first.";
  const bringIn = async () => {
    setProblem(null);
    const body = { folder: folder.trim(), ...fieldsOf(said) } as Schemas["Import"];
    try {
      const scan = await got(api.POST("/v1/scans/import", { body }));
      toast(`${scan.name} is brought in.`);
    } catch (error) {
      setProblem(asProblem(error));
      return;
    }
    onImported();
    onClose();
  };
  const isOff = problem?.detail.includes("FLAKESCOPE_IMPORT_ROOTS");
  return (
    <form class="stack" onSubmit={(event) => event.preventDefault()}>
      <Field label="Folder" hint="As the server sees it: /data/scans/chip 12">
        {(wire) => (
          <input
            {...wire}
            value={folder}
            onInput={(event) => setFolder(event.currentTarget.value)}
          />
        )}
      </Field>
      <SaidFields said={said} onSaid={setSaid} hasName />
      {problem && <ProblemNote problem={problem} />}
      {isOff && (
        <Note>
          Whoever runs the service allows folders at its start:
          <br />
          <code>flakescope serve --import-roots /data/scans</code>
        </Note>
      )}
      <div class="dialog-end">
        <Button onClick={onClose}>Leave</Button>
        <Button type="submit" kind="main" reason={reason} onClick={bringIn}>
          Bring in
        </Button>
      </div>
    </form>
  );
}
