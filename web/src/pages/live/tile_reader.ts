/** Reads the list of tiles page by page, and later only the pages of which events told. */
import type { Schemas } from "~/api/client";

type TilePage = Schemas["TilePage"];
type Load = (cursor: string | null) => Promise<TilePage>;

interface Read {
  cursor: string | null;
  lastId: number;
}

/** With 1000 tiles a page: what a browser keeps at hand. */
const MOST_PAGES = 100;

export class TileReader {
  private readonly pages: Read[] = [{ cursor: null, lastId: Number.POSITIVE_INFINITY }];
  private readonly stale = new Set([0]);

  constructor(private readonly load: Load) {}

  get hasMore(): boolean {
    return this.stale.size > 0;
  }

  /** A tile has changed: its page is to be read again. */
  touch(tileId: number): void {
    const at = this.pages.findIndex(({ lastId }) => tileId <= lastId);
    this.stale.add(at < 0 ? this.pages.length - 1 : at);
  }

  touchAll(): void {
    this.pages.forEach((_, at) => {
      this.stale.add(at);
    });
  }

  /** Tiles of one page that is to be read. */
  async next(): Promise<TilePage["items"]> {
    const at = Math.min(...this.stale);
    const page = this.pages[at];
    if (!page) return [];
    // What changes while it is read is read once more.
    this.stale.delete(at);
    try {
      const { items, next_cursor } = await this.load(page.cursor);
      this.keep(at, page, items.at(-1)?.id, next_cursor);
      return items;
    } catch (error) {
      this.stale.add(at);
      throw error;
    }
  }

  private keep(at: number, page: Read, lastId: number | undefined, next: string | null): void {
    const isLast = at === this.pages.length - 1;
    if (!isLast || next === null || lastId === undefined || this.pages.length === MOST_PAGES)
      return;
    page.lastId = lastId;
    this.pages.push({ cursor: next, lastId: Number.POSITIVE_INFINITY });
    this.stale.add(at + 1);
  }
}
