import { useEffect, useRef } from "preact/hooks";
import { BASE } from "~/api/client";
import { type EventKinds, KINDS, type Kind } from "~/api/event_kinds";
import { readSession } from "~/api/session";
import { openStream, type Stream } from "~/api/stream";
import type { Told } from "~/api/stream_worker";
import { makeStore } from "~/store";

export type { EventKinds, Kind } from "~/api/event_kinds";

/** Whether events come now; `lost` = the connection is being made anew. */
export const feedStore = makeStore<"idle" | "open" | "lost">("idle");

type Handler<K extends Kind> = (event: EventKinds[K]) => void;
type AnyHandler = (event: never) => void;

// One for all parts of the page.
let stream: Stream | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
const handlers = new Map<Kind, Set<AnyHandler>>(KINDS.map((kind) => [kind, new Set()]));
const reopened = new Set<() => void>();

const RETRY_MS = 5000;

function connect(): void {
  stream = openStream(new URL("v1/events", BASE).href, hear);
}

function hear(told: Told): void {
  if ("kind" in told) {
    const event = JSON.parse(told.data) as never;
    for (const handler of [...(handlers.get(told.kind) ?? [])]) handler(event);
  } else if (told.state === "open") {
    const wasLost = feedStore.get() === "lost";
    feedStore.set("open");
    if (wasLost) for (const handler of [...reopened]) handler();
  } else {
    feedStore.set("lost");
    // A broken stream the browser opens again by itself; a refused one it gives up.
    if (told.state === "refused") retry = setTimeout(askAgain, RETRY_MS);
  }
}

function askAgain(): void {
  if (!isWanted()) return;
  stream?.close();
  // Where the token has run out this leads to the sign-in view; else the service was away.
  readSession().then(connect, () => {
    retry = setTimeout(askAgain, RETRY_MS);
  });
}

function isWanted(): boolean {
  return [...handlers.values()].some((set) => set.size > 0);
}

function settle(): void {
  if (isWanted()) {
    if (!stream) connect();
    return;
  }
  clearTimeout(retry);
  stream?.close();
  stream = undefined;
  feedStore.set("idle");
}

/** Listen to a kind of event; the answer ends it. */
export function listen<K extends Kind>(kind: K, handler: Handler<K>): () => void {
  handlers.get(kind)?.add(handler as AnyHandler);
  settle();
  return () => {
    handlers.get(kind)?.delete(handler as AnyHandler);
    // A page that follows at once shall find the connection open.
    setTimeout(settle, 1000);
  };
}

/** Listen to a kind of event as long as the component is shown. */
export function useEvents<K extends Kind>(kind: K, handler: Handler<K>): void {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => listen(kind, (event) => latest.current(event)), [kind]);
}

/** Called when events come again after a gap: time to read the state anew. */
export function useReopened(handler: () => void): void {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => {
    const call = () => latest.current();
    reopened.add(call);
    return () => {
      reopened.delete(call);
    };
  }, []);
}
