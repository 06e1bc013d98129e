/** Uploads of this visit, one after the other; they go on while other pages are looked at. */
import { asProblem, type Problem } from "~/api/problem";
import { type Mark, withMark } from "~/pages/scans/pace";
import { forget, remember } from "~/pages/scans/upload/begun";
import { keyOf, type Pick } from "~/pages/scans/upload/pick";
import { type Source, send } from "~/pages/scans/upload/send";
import { CANCELLED, type Fields, WIRE } from "~/pages/scans/upload/wire";
import { Zip } from "~/pages/scans/upload/zip";
import { announce } from "~/parts/toast";
import { makeStore } from "~/store";

export interface Uploading {
  id: number;
  name: string;
  size: number;
  sent: number;
  state: "waits" | "sends" | "pauses" | "ends" | "done" | "failed";
  /** While it pauses: the next try comes after so many seconds. */
  retryAfter: number;
  marks: readonly Mark[];
  problem: Problem | null;
  scanId: number | null;
}

interface Order {
  pick: Pick;
  fields: Fields;
  stop: AbortController;
  uploadId: string | null;
}

export const uploads = makeStore<readonly Uploading[]>([]);

const orders = new Map<number, Order>();
const WINDOW_MS = 15_000;
let last = 0;
let isSending = false;

/** Send something when what was chosen before it has gone. */
export function addUpload(pick: Pick, fields: Fields): void {
  last += 1;
  orders.set(last, { pick, fields, stop: new AbortController(), uploadId: null });
  const fresh = { sent: 0, state: "waits", retryAfter: 0, marks: [], problem: null } as const;
  const one = { id: last, name: fields.name || pick.name, size: pick.bytes, scanId: null };
  uploads.set([...uploads.get(), { ...fresh, ...one }]);
  void sendNext();
}

/** Stop an upload and give back its space on the service. */
export async function cancelUpload(id: number): Promise<void> {
  const order = orders.get(id);
  order?.stop.abort();
  drop(id);
  if (!order) return;
  forget(keyOf(order.pick));
  if (order.uploadId) await WIRE.discard(order.uploadId);
}

/** Try once more what has failed. */
export function retryUpload(id: number): void {
  change(id, { state: "waits", problem: null, marks: [] });
  void sendNext();
}

/** Take one that has ended out of the list. */
export function drop(id: number): void {
  orders.delete(id);
  uploads.set(uploads.get().filter((one) => one.id !== id));
}

async function sendNext(): Promise<void> {
  const next = uploads.get().find(({ state }) => state === "waits");
  const order = next && orders.get(next.id);
  if (isSending || !next || !order) return;
  isSending = true;
  addEventListener("beforeunload", askFirst);
  try {
    await sendOne(next.id, order);
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status !== CANCELLED) change(next.id, { state: "failed", problem });
  } finally {
    isSending = false;
    removeEventListener("beforeunload", askFirst);
    void sendNext();
  }
}

async function sendOne(id: number, order: Order): Promise<void> {
  const { pick, fields, stop } = order;
  const source = sourceOf(pick);
  const key = keyOf(pick);
  const filename = `${pick.name}.zip`;
  change(id, { size: source.size, state: "sends" });
  const scan = await send(WIRE, {
    source,
    announced: { ...fields, filename, size_bytes: source.size, key },
    signal: stop.signal,
    onUpload: (upload) => {
      order.uploadId = upload.id;
      remember({ key, name: fields.name || pick.name, uploadId: upload.id, fields });
      const sent = upload.received_bytes;
      advance(id, sent, upload.size_bytes);
    },
    onPause: (seconds) =>
      seconds === null
        ? change(id, { retryAfter: 0 })
        : change(id, { state: "pauses", retryAfter: seconds }),
    sleep,
    now: () => performance.now(),
  });
  forget(key);
  change(id, { state: "done", sent: source.size, scanId: scan.id });
  announce(`${fields.name || pick.name} was sent.`);
}

function advance(id: number, sent: number, size: number): void {
  const before = uploads.get().find((one) => one.id === id);
  const marks = withMark(before?.marks ?? [], { at: Date.now(), done: sent }, WINDOW_MS);
  change(id, { sent, marks, state: sent === size ? "ends" : "sends" });
}

function change(id: number, to: Partial<Uploading>): void {
  uploads.set(uploads.get().map((one) => (one.id === id ? { ...one, ...to } : one)));
}

function sourceOf(pick: Pick): Source {
  if (pick.kind === "zip") {
    const file = pick.files[0]?.file ?? new File([], pick.name);
    return { size: file.size, piece: (at, length) => readable(file.slice(at, at + length)) };
  }
  return new Zip(
    pick.files.map(({ path, file }) => ({ path, content: file, time: file.lastModified })),
  );
}

/** Its bytes, now: a file that was changed is noticed before it is sent, not in the middle. */
async function readable(piece: Blob): Promise<Blob> {
  return new Blob([await piece.arrayBuffer()]);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((wake) => {
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      wake();
    });
  });
}

function askFirst(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
