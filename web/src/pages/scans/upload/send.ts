/** Sends an archive piece by piece; what was sent stays, whatever breaks in between. */
import type { Schemas } from "~/api/client";
import { asProblem, Problem } from "~/api/problem";
import type { Announced, Fields, Upload, Wire } from "~/pages/scans/upload/wire";
import { CANCELLED } from "~/pages/scans/upload/wire";

/** An archive, of which any piece can be asked for. */
export interface Source {
  size: number;
  piece(offset: number, length: number): Promise<Blob>;
}

export interface Sending {
  source: Source;
  announced: Announced & Fields;
  signal: AbortSignal;
  onUpload: (upload: Upload) => void;
  /** The service cannot be reached; it is tried again after so long. null: it answers again. */
  onPause: (seconds: number | null) => void;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  now: () => number;
}

const NOT_FOUND = 404;
const CONFLICT = 409;
/** No answer, too many calls, or a service or proxy that is being started. */
const PASSING = new Set([0, 429, 502, 503, 504]);

const LEAST_BYTES = 256 * 2 ** 10;
/** A piece shall take about so long: long enough to be quick, short enough to see it move. */
const PIECE_MS = 1500;
const MOST_WAIT_S = 30;

export async function send(wire: Wire, sending: Sending): Promise<Schemas["Scan"]> {
  const { announced, source, signal } = sending;
  const patiently = <T>(call: () => Promise<T>) => untilAnswered(call, sending);
  let upload = await patiently(() => wire.open(announced));
  let length = LEAST_BYTES;
  while (upload.received_bytes < upload.size_bytes) {
    sending.onUpload(upload);
    const offset = upload.received_bytes;
    const piece = await readPiece(source, offset, Math.min(length, upload.chunk_bytes));
    if (signal.aborted) throw new Problem("Cancelled", "", CANCELLED);
    const begun = sending.now();
    try {
      upload = await wire.put(upload.id, offset, piece, signal);
    } catch (error) {
      upload = await patiently(() => wire.look(upload.id)).catch((gone) =>
        isGone(gone) ? patiently(() => wire.open(announced)) : Promise.reject(gone),
      );
      const problem = asProblem(error);
      await goOnAfter(problem, upload.received_bytes > offset, sending);
    }
    length = nextLength(piece.size, sending.now() - begun);
  }
  sending.onUpload(upload);
  const { id } = upload;
  return patiently(() => wire.complete(id));
}

/** As long as a piece shall take, at the speed of the last one. */
export function nextLength(sent: number, ms: number): number {
  return Math.max(LEAST_BYTES, Math.round((sent * PIECE_MS) / Math.max(ms, 1)));
}

async function readPiece(source: Source, offset: number, length: number): Promise<Blob> {
  try {
    return await source.piece(offset, length);
  } catch (error) {
    throw new Problem(
      "A file can no longer be read",
      `It was changed, moved or locked after it was chosen. Choose the folder again. (${error})`,
      CONFLICT,
    );
  }
}

async function goOnAfter(problem: Problem, hasMoved: boolean, sending: Sending): Promise<void> {
  // A part of the piece came, or an earlier one that was thought lost.
  if (hasMoved || problem.status === CONFLICT || problem.status === NOT_FOUND) return;
  if (!PASSING.has(problem.status)) throw problem;
  await sending.sleep(1000, sending.signal);
}

async function untilAnswered<T>(call: () => Promise<T>, sending: Sending): Promise<T> {
  for (let wait = 1; ; wait = Math.min(2 * wait, MOST_WAIT_S)) {
    if (sending.signal.aborted) throw new Problem("Cancelled", "", CANCELLED);
    try {
      const answer = await call();
      sending.onPause(null);
      return answer;
    } catch (error) {
      if (!PASSING.has(asProblem(error).status)) throw error;
      sending.onPause(wait);
      await sending.sleep(wait * 1000, sending.signal);
    }
  }
}

const isGone = (error: unknown) => error instanceof Problem && error.status === NOT_FOUND;
