import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";

// A tile's name never changes.
const known = new Map<number, string | null>();

/** A tile's name; null where it has none, or while it is asked for. */
export function useTileName(tile_id: number | null): string | null {
  const name = useLoaded(`tile ${tile_id}`, async () =>
    tile_id === null ? null : nameOf(tile_id),
  );
  return name.value ?? null;
}

async function nameOf(tile_id: number): Promise<string | null> {
  const seen = known.get(tile_id);
  if (seen !== undefined) return seen;
  const { name } = await got(api.GET("/v1/tiles/{tile_id}", { params: { path: { tile_id } } }));
  known.set(tile_id, name);
  return name;
}
