/** The stream of events of this tab: shared with the others where the browser can, else its own. */
import { KINDS } from "~/api/event_kinds";
import type { Asked, Told } from "~/api/stream_worker";

export interface Stream {
  close: () => void;
}

type Hear = (told: Told) => void;

export function openStream(url: string, hear: Hear): Stream {
  // Chrome on a phone has no shared workers; nobody opens seven tabs there.
  return "SharedWorker" in globalThis ? shared(url, hear) : own(url, hear);
}

function shared(url: string, hear: Hear): Stream {
  const worker = new SharedWorker(new URL("./stream_worker.ts", import.meta.url), {
    type: "module",
    name: "flakescope events",
  });
  const ask = (asked: Asked) => worker.port.postMessage(asked);
  worker.port.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
  worker.onerror = () => hear({ state: "refused" });
  const join = () => ask({ do: "listen", url });
  const leave = () => ask({ do: "leave" });
  join();
  // A tab that is closed says nothing later; one that comes back from the history listens again.
  const back = ({ persisted }: PageTransitionEvent) => persisted && join();
  addEventListener("pagehide", leave);
  addEventListener("pageshow", back);
  return {
    close: () => {
      removeEventListener("pagehide", leave);
      removeEventListener("pageshow", back);
      leave();
      worker.port.close();
    },
  };
}

function own(url: string, hear: Hear): Stream {
  const source = new EventSource(url);
  source.addEventListener("open", () => hear({ state: "open" }));
  source.addEventListener("error", () => {
    const isOver = source.readyState === EventSource.CLOSED;
    hear({ state: isOver ? "refused" : "lost" });
  });
  for (const kind of KINDS) {
    source.addEventListener(kind, ({ data }: MessageEvent<string>) => hear({ kind, data }));
  }
  return source;
}
