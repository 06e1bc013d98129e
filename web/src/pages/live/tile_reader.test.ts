import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import { TileReader } from "~/pages/live/tile_reader";

/** Pages of two tiles, as the service gives them; keeps the cursors that were asked for. */
class Service {
  count: number;
  asked: (string | null)[] = [];

  constructor(count: number) {
    this.count = count;
  }

  load = async (cursor: string | null): Promise<Schemas["TilePage"]> => {
    this.asked.push(cursor);
    const begin = Number(cursor ?? 0);
    const ids = [begin + 1, begin + 2].filter((id) => id <= this.count);
    const items = ids.map((id) => ({ id })) as Schemas["Tile"][];
    return { items, next_cursor: begin + 2 < this.count ? String(begin + 2) : null };
  };
}

async function all(reader: TileReader): Promise<number[]> {
  const ids: number[] = [];
  while (reader.hasMore) ids.push(...(await reader.next()).map(({ id }) => id));
  return ids;
}

test("all pages are read once", async () => {
  const service = new Service(5);
  expect(await all(new TileReader(service.load))).toEqual([1, 2, 3, 4, 5]);
});

test("a tile that has changed brings its page again, and no other", async () => {
  const service = new Service(5);
  const reader = new TileReader(service.load);
  await all(reader);
  service.asked = [];

  reader.touch(3);
  reader.touch(4);

  expect(await all(reader)).toEqual([3, 4]);
  expect(service.asked).toEqual(["2"]);
});

test("tiles that come later are behind the last page", async () => {
  const service = new Service(2);
  const reader = new TileReader(service.load);
  await all(reader);
  service.count = 5;

  reader.touch(5);

  expect(await all(reader)).toEqual([1, 2, 3, 4, 5]);
});

test("a page that could not be read is read again", async () => {
  const service = new Service(1);
  let fails = true;
  const reader = new TileReader((cursor) => {
    if (fails) return Promise.reject(new Error("away"));
    return service.load(cursor);
  });

  await expect(reader.next()).rejects.toThrow("away");
  fails = false;

  expect(await all(reader)).toEqual([1]);
});
