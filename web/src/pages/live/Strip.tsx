import { useEffect, useRef, useState } from "preact/hooks";
import { urlOf } from "~/api/client";
import type { Board } from "~/pages/live/board";

/** Faster nobody looks, and each picture is a question to the service. */
const EVERY_MS = 2000;
const PX = 256;

/** The tiles that were screened last, as small pictures. */
export function Strip({ board }: { board: Board }) {
  const [shown, setShown] = useState<readonly number[]>([]);
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    const look = () => {
      if (board.recent !== latest.current) setShown(board.recent);
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [board]);
  if (!shown.length) return null;
  return (
    <section aria-label="Latest tiles">
      <ul class="live-strip">
        {shown.map((id) => {
          const name = board.squares.get(id)?.name ?? `Tile ${id}`;
          return (
            <li key={id}>
              <img src={urlOf(`/v1/tiles/${id}/image`, { max_px: PX })} alt={`Tile ${name}`} />
              <span class="small quiet" title={name}>
                {name}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
