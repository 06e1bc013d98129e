import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { ImportDialog } from "~/pages/scans/upload/ImportDialog";
import { type Pick, pickedByDrop, pickedByInput, picksOf } from "~/pages/scans/upload/pick";
import { UploadDialog } from "~/pages/scans/upload/UploadDialog";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { showProblem, toast } from "~/parts/toast";

/** Where folders and zips are dropped, on the whole page; and buttons for who has no mouse. */
export function Drop({ onImported }: { onImported: () => void }) {
  const [picks, setPicks] = useState<readonly Pick[]>([]);
  const [found, setFound] = useState<number | null>(null);
  const [isImporting, setImporting] = useState(false);
  const choose = (chosen: readonly Pick[]) => {
    if (chosen.length) setPicks(chosen);
    else toast("There is no file in what was chosen.", "bad");
  };
  const isOver = useDropped((items) => {
    setFound(0);
    pickedByDrop(items, setFound)
      .then((files) => choose(picksOf(files)))
      .catch(showProblem)
      .finally(() => setFound(null));
  });
  return (
    <section class={isOver ? "scans-drop is-over" : "scans-drop"} aria-label="Bring in a scan">
      <p aria-live="polite">
        {found === null
          ? dropWords(isOver)
          : `Looking into the folder: ${format.count(found)} files so far\u2026`}
      </p>
      <div class="row">
        <Chooser isFolder onFiles={(files) => choose(picksOf(pickedByInput(files)))}>
          Choose a folder…
        </Chooser>
        <Chooser onFiles={(files) => choose(picksOf(pickedByInput(files)))}>Choose a zip…</Chooser>
        <Button kind="plain" onClick={() => setImporting(true)}>
          A folder on the server…
        </Button>
      </div>
      <UploadDialog picks={picks} onClose={() => setPicks([])} />
      <ImportDialog
        isOpen={isImporting}
        onClose={() => setImporting(false)}
        onImported={onImported}
      />
    </section>
  );
}

const dropWords = (isOver: boolean) =>
  isOver
    ? "Let go: the next step asks for its name."
    : "Drag a scan folder or a zip onto this page.";

interface ChooserProps {
  isFolder?: boolean;
  onFiles: (files: FileList) => void;
  children: string;
}

function Chooser({ isFolder, onFiles, children }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // No attribute of the standard, but one of every browser.
    if (isFolder) input.current?.setAttribute("webkitdirectory", "");
  }, [isFolder]);
  const change = (event: Event & { currentTarget: HTMLInputElement }) => {
    const { files } = event.currentTarget;
    if (files?.length) onFiles(files);
    // The same folder may be chosen again.
    event.currentTarget.value = "";
  };
  return (
    <>
      <Button onClick={() => input.current?.click()}>{children}</Button>
      <input
        ref={input}
        type="file"
        hidden
        multiple={!isFolder}
        accept={isFolder ? undefined : ".zip,application/zip"}
        aria-label={children}
        onChange={change}
      />
    </>
  );
}

/** Whether files are held over the page; calls back where they are let go. */
function useDropped(onDrop: (items: DataTransferItemList) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onDrop);
  latest.current = onDrop;
  // At once: the page that asks for a folder already takes one.
  useLayoutEffect(() => {
    // Each part of the page that is entered and left tells so.
    let depth = 0;
    const step = (by: number) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = Math.max(depth + by, 0);
      setOver(depth > 0);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) latest.current(event.dataTransfer.items);
    };
    const stop = new AbortController();
    addEventListener("dragenter", step(1), stop);
    addEventListener("dragleave", step(-1), stop);
    addEventListener("dragover", step(0), stop);
    addEventListener("drop", drop, stop);
    return () => stop.abort();
  }, []);
  return isOver;
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
