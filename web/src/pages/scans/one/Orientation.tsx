import { useState } from "preact/hooks";
import type { Schemas } from "~/api/client";
import { isRunning, type Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";

interface Props {
  scan: Scan;
  place: (by: Partial<Schemas["PlaceBy"]>) => Promise<void>;
}

const TURNS = [
  { name: "flip_x", words: "Right on the image is left on the stage" },
  { name: "flip_y", words: "Down on the image is against the stage\u2019s y" },
  { name: "swap_xy", words: "Columns of the image run along the stage\u2019s y" },
] as const;

/** How images lie on the stage, by hand; flakes move with it. */
export function Orientation({ scan, place }: Props) {
  const [turns, setTurns] = useState(() => turnsOf(scan));
  if (scan.affine) {
    return <p class="quiet">The scan came with an affine, which says how images lie.</p>;
  }
  const isSame = TURNS.every(({ name }) => turns[name] === scan[name]);
  const why = isRunning(scan) ? "It is being screened: wait for it." : null;
  return (
    <>
      <fieldset class="stack">
        <legend>Turn the tiles by hand</legend>
        {TURNS.map(({ name, words }) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={turns[name]}
              onChange={() => setTurns({ ...turns, [name]: !turns[name] })}
            />{" "}
            {words}
          </label>
        ))}
      </fieldset>
      <Button
        reason={why ?? (isSame ? "They lie so already." : null)}
        // Corrections were made for the orientation before.
        onClick={() => place({ positions: "stated", ...turns })}
      >
        Lay them so
      </Button>
    </>
  );
}

function turnsOf({ flip_x, flip_y, swap_xy }: Scan) {
  return { flip_x, flip_y, swap_xy };
}
