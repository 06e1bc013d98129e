import { urlOf } from "~/api/client";
import { useTileName } from "~/parts/tile_name";

// A browser shows no TIFF; so large a JPEG has all that a screen can show.
const MOST_PX = 4096;

/** The tile that shows a flake: its name, and its picture. */
export function TileLink({ tileId }: { tileId: number }) {
  const name = useTileName(tileId);
  return (
    <a
      href={urlOf(`/v1/tiles/${tileId}/image`, { max_px: MOST_PX })}
      target="_blank"
      rel="noreferrer"
    >
      {name ? `Image ${name}` : `Image of tile ${tileId}`}
    </a>
  );
}
