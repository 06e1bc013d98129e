import { Problem } from "~/api/problem";
import { leftText, paceOf, secondsLeft } from "~/pages/scans/pace";
import { begunUploads, forget } from "~/pages/scans/upload/begun";
import {
  cancelUpload,
  drop,
  retryUpload,
  type Uploading,
  uploads,
} from "~/pages/scans/upload/uploads";
import { WIRE } from "~/pages/scans/upload/wire";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { Note, ProblemNote } from "~/parts/notes";
import { hrefOf } from "~/router";
import { useStore } from "~/store";

/** What is being sent, and what an earlier visit began to send. */
export function Uploads() {
  const all = useStore(uploads);
  return (
    <>
      <Interrupted />
      {all.length > 0 && (
        <section class="stack" aria-label="Uploads">
          {all.map((one) => (
            <Upload key={one.id} one={one} />
          ))}
        </section>
      )}
    </>
  );
}

function Interrupted() {
  const begun = useStore(begunUploads);
  const current = useStore(uploads);
  if (!begun.length || current.some(({ state }) => state !== "done")) return null;
  const giveUp = async (key: string, id: string) => {
    forget(key);
    await WIRE.discard(id).catch(unlessGone);
  };
  return (
    <>
      {begun.map(({ key, name, uploadId }) => (
        <Note key={key} kind="warn">
          <div class="row spread">
            <span>
              The upload of <strong>{name}</strong> was interrupted. Choose the same folder or zip
              again, and it goes on from where it stopped.
            </span>
            <Button kind="plain" onClick={() => giveUp(key, uploadId)}>
              Give it up
            </Button>
          </div>
        </Note>
      ))}
    </>
  );
}

function unlessGone(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 404) throw error;
}

function Upload({ one }: { one: Uploading }) {
  return (
    <div class="card scans-upload">
      <div class="row spread">
        <strong>{one.name}</strong>
        <Ways one={one} />
      </div>
      {one.problem ? (
        <ProblemNote problem={one.problem} onRetry={() => retryUpload(one.id)} />
      ) : (
        <>
          <progress
            aria-label={`Upload of ${one.name}`}
            value={one.sent}
            max={Math.max(one.size, 1)}
          />
          <span class="small quiet">{progressWords(one)}</span>
        </>
      )}
    </div>
  );
}

function Ways({ one }: { one: Uploading }) {
  if (one.state === "done") {
    return (
      <span class="row">
        {one.scanId !== null && (
          <>
            <a href={hrefOf(["scans", one.scanId, "live"])}>Watch it live</a>
            <a href={hrefOf(["scans", one.scanId])}>Open the scan</a>
          </>
        )}
        <Button kind="plain" onClick={() => drop(one.id)}>
          Close
        </Button>
      </span>
    );
  }
  // Then its scan is being made: that one can be cancelled.
  if (one.state === "ends") return null;
  return (
    <Button kind="plain" onClick={() => cancelUpload(one.id)} label={`Cancel ${one.name}`}>
      Cancel
    </Button>
  );
}

function progressWords(one: Uploading): string {
  if (one.state === "waits") return `Waits for its turn: ${format.bytes(one.size)}.`;
  if (one.state === "done")
    return `${format.bytes(one.size)} sent. The page of the scan says how far it is.`;
  if (one.state === "ends") return "All is sent. The service looks at the archive\u2026";
  const sent = `${format.bytes(one.sent)} of ${format.bytes(one.size)}`;
  if (one.state === "pauses") {
    return `${sent}. The service does not answer; next try in ${one.retryAfter} s. Nothing is lost.`;
  }
  const pace = paceOf(one.marks, one.marks.at(-1)?.at ?? 0);
  const speed = pace === null ? "" : `${format.bytes(pace)}/s`;
  return [sent, speed, leftText(secondsLeft(one.size - one.sent, pace))].filter(Boolean).join(", ");
}
