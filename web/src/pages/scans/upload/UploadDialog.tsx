import { useState } from "preact/hooks";
import { begunUploads } from "~/pages/scans/upload/begun";
import { fieldsOf, NOTHING_SAID, whyNot } from "~/pages/scans/upload/fields";
import { keyOf, type Pick } from "~/pages/scans/upload/pick";
import { SaidFields } from "~/pages/scans/upload/SaidFields";
import { addUpload } from "~/pages/scans/upload/uploads";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import * as format from "~/parts/format";
import { Note } from "~/parts/notes";

interface Props {
  picks: readonly Pick[];
  onClose: () => void;
}

/** Shows what was chosen, asks what the files may not say, and sends it. */
export function UploadDialog({ picks, onClose }: Props) {
  const title = picks.length > 1 ? `Send ${picks.length} scans` : "Send a scan";
  return (
    <Dialog title={title} isOpen={picks.length > 0} onClose={onClose}>
      <Form picks={picks} onClose={onClose} />
    </Dialog>
  );
}

function Form({ picks, onClose }: Props) {
  const isOne = picks.length === 1;
  const known = begunUploads.get();
  const begun = isOne ? known.find(({ key }) => picks[0] && key === keyOf(picks[0])) : undefined;
  // What was begun has its name already, which need not be the folder's.
  const name = begun?.fields.name || picks[0]?.name || "";
  const [said, setSaid] = useState({ ...NOTHING_SAID, name });
  const submit = (event: Event) => {
    event.preventDefault();
    if (whyNot(said)) return;
    const fields = fieldsOf(said);
    for (const pick of picks) {
      addUpload(pick, {
        ...begun?.fields,
        ...fields,
        name: isOne ? fields.name : pick.name,
      });
    }
    onClose();
  };
  return (
    <form class="stack" onSubmit={submit}>
      <ul class="scans-picks">
        {picks.map((pick) => (
          <li key={pick.name}>
            <strong>{pick.name}</strong> <span class="quiet">{contentWords(pick)}</span>
          </li>
        ))}
      </ul>
      {begun && <Note>This was begun before. It goes on from where it stopped.</Note>}
      <SaidFields said={said} onSaid={setSaid} hasName={isOne} />
      <div class="dialog-end">
        <Button onClick={onClose}>Leave</Button>
        <Button type="submit" kind="main" reason={whyNot(said)}>
          Send
        </Button>
      </div>
    </form>
  );
}

function contentWords({ kind, files, bytes }: Pick): string {
  const what = kind === "zip" ? "zip" : `${format.count(files.length)} files`;
  return `${what}, ${format.bytes(bytes)}`;
}
