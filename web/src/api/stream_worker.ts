/**
 * One stream of events for all tabs: over HTTP/1.1 a browser has six connections to a service, and
 * with a stream for each tab the seventh would never load.
 */
import { KINDS, type Kind } from "~/api/event_kinds";

/** What a tab asks; `listen` with the address of the stream. */
export type Asked = { do: "listen"; url: string } | { do: "leave" };
/** What a tab hears; `refused`: the service let the stream not in, or is away. */
export type Told = { state: "open" | "lost" | "refused" } | { kind: Kind; data: string };

const tabs = new Set<MessagePort>();
let source: EventSource | undefined;

/** The scope of a shared worker, which TypeScript has in no library beside the page's. */
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };

scope.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<Asked>) => {
    if (data.do === "leave") leave(port);
    else join(port, data.url);
  };
};

function join(port: MessagePort, url: string): void {
  tabs.add(port);
  if (!source || source.readyState === EventSource.CLOSED) connect(url);
  else if (source.readyState === EventSource.OPEN) tell(port, { state: "open" });
}

function leave(port: MessagePort): void {
  tabs.delete(port);
  if (tabs.size > 0) return;
  source?.close();
  source = undefined;
}

function connect(url: string): void {
  const opened = new EventSource(url);
  source = opened;
  opened.addEventListener("open", () => tellAll({ state: "open" }));
  opened.addEventListener("error", () => {
    const isOver = opened.readyState === EventSource.CLOSED;
    tellAll({ state: isOver ? "refused" : "lost" });
  });
  for (const kind of KINDS) {
    opened.addEventListener(kind, ({ data }: MessageEvent<string>) => tellAll({ kind, data }));
  }
}

function tellAll(told: Told): void {
  for (const port of tabs) tell(port, told);
}

function tell(port: MessagePort, told: Told): void {
  port.postMessage(told);
}
