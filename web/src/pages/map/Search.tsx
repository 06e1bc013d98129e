import { useState } from "preact/hooks";
import { rowOf } from "~/pages/map/rows";
import { readSearch } from "~/pages/map/search";
import type { MapFlakes, Point } from "~/pages/map/types";
import { toast } from "~/parts/toast";

interface Props {
  flakes: MapFlakes | undefined;
  onVisit: (id: number) => void;
  onPlace: (point: Point) => void;
}

/** Goes to a flake by its id, or to a place. */
export function Search({ flakes, onVisit, onPlace }: Props) {
  const [text, setText] = useState("");
  const go = (event: Event) => {
    event.preventDefault();
    const found = readSearch(text);
    if (!found) toast('Type the id of a flake, as "17", or a place, as "1250, -340.5".', "bad");
    else if (found.kind === "place") onPlace(found.point);
    else if (flakes && rowOf(flakes, found.id) === undefined) {
      toast(`There is no flake ${found.id} on this map.`, "bad");
    } else onVisit(found.id);
  };
  return (
    <form class="map-search" onSubmit={go}>
      <input
        type="search"
        class="map-search-text"
        aria-label="Go to a flake's id, or to x, y"
        placeholder="Flake id, or x, y"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Go
      </button>
    </form>
  );
}
