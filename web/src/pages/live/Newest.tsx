import { useEffect, useRef, useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { Button } from "~/parts/Button";
import { copyText } from "~/parts/copy";
import { FlakeCard } from "~/parts/flake";
import * as format from "~/parts/format";
import { Empty, Shown } from "~/parts/notes";
import { hrefOf } from "~/router";

type Flake = Schemas["Flake"];

const MOST = 24;
const EVERY_MS = 1500;

interface Props {
  scanId: number;
  /** Graphene flakes that events told of. */
  found: number;
}

/** The newest graphene flakes on top; they hold still while somebody reads. */
export function Newest({ scanId, found }: Props) {
  const [isPaused, setPaused] = useState(false);
  const [seen, setSeen] = useState(0);
  const latest = useRef({ found, seen });
  latest.current = { found, seen };
  const flakes = useLoaded(`newest ${scanId}`, () => {
    const query = { graphene: true, sort: "-id", limit: MOST };
    const path = { scan_id: scanId };
    return got(api.GET("/v1/scans/{scan_id}/flakes", { params: { path, query } }));
  });
  useEffect(() => {
    if (isPaused) return;
    const timer = setInterval(() => {
      const now = latest.current;
      if (now.found === now.seen) return;
      setSeen(now.found);
      flakes.reload();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [isPaused, flakes.reload]);
  const waiting = found - seen;
  return (
    <section class="stack" aria-label="Newest flakes">
      <div class="row spread">
        <h2>Newest graphene flakes</h2>
        <span class="row">
          {isPaused && waiting > 0 && (
            <span class="badge is-good">{format.count(waiting)} more since</span>
          )}
          <Button isPressed={isPaused} onClick={() => setPaused(!isPaused)}>
            {isPaused ? "Go on" : "Hold still"}
          </Button>
        </span>
      </div>
      <Shown loaded={flakes}>
        {({ items }) =>
          items.length ? (
            <ul class="gallery live-newest" aria-label="Newest graphene flakes, the last one first">
              {items.map((flake) => (
                <One key={flake.id} flake={flake as Flake} scanId={scanId} />
              ))}
            </ul>
          ) : (
            <Empty title="No graphene yet">
              <p>A flake appears here within seconds of its tile.</p>
            </Empty>
          )
        }
      </Shown>
    </section>
  );
}

function One({ flake, scanId }: { flake: Flake; scanId: number }) {
  const [x, y] = flake.centre_um ?? [];
  const isPlaced = x !== undefined && y !== undefined;
  return (
    <li class="live-flake">
      <FlakeCard flake={flake} href={hrefOf(["scans", scanId, "map"], { flake: flake.id })} />
      {isPlaced ? (
        <Button
          class="live-copy"
          title="Copy the stage position, in µm"
          onClick={() => copyText(format.place([x, y]))}
        >
          <span class="number">{format.place([x, y])}</span>
          <span>
            Copy<span class="unseen"> the stage position of flake {flake.id}</span>
          </span>
        </Button>
      ) : (
        <span class="small quiet">stage position unknown</span>
      )}
    </li>
  );
}
