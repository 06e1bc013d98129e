import { expect, test } from "vitest";
import type { Schemas } from "~/api/client";
import { Problem } from "~/api/problem";
import { nextLength, type Sending, send } from "~/pages/scans/upload/send";
import type { Upload, Wire } from "~/pages/scans/upload/wire";

const SIZE = 2_000_000;
const ANNOUNCED = { filename: "chip.zip", size_bytes: SIZE, key: "k" };

/** Keeps what comes, as the service does; `faults` happen before pieces are taken. */
class Kept implements Wire {
  received = 0;
  opened = 0;
  faults: (Problem | null)[] = [];

  private upload(): Upload {
    return {
      id: "u",
      filename: "chip.zip",
      size_bytes: SIZE,
      received_bytes: this.received,
      chunk_bytes: 500_000,
      scan_id: null,
    };
  }

  async open() {
    this.opened += 1;
    return this.upload();
  }

  async look() {
    return this.upload();
  }

  async put(_: string, offset: number, piece: Blob) {
    const fault = this.faults.shift();
    if (fault) throw fault;
    if (offset !== this.received) throw new Problem("Conflict", "", 409);
    this.received += piece.size;
    return this.upload();
  }

  async complete() {
    if (this.received !== SIZE) throw new Problem("Conflict", "Bytes are missing", 409);
    return { id: 7 } as Schemas["Scan"];
  }

  async discard() {}
}

function sending(change: Partial<Sending> = {}): Sending {
  return {
    source: { size: SIZE, piece: async (_, length) => new Blob([new Uint8Array(length)]) },
    announced: ANNOUNCED,
    signal: new AbortController().signal,
    onUpload: () => undefined,
    onPause: () => undefined,
    sleep: async () => undefined,
    now: () => 0,
    ...change,
  };
}

// The last piece is shorter.
const exact: Sending["source"] = {
  size: SIZE,
  piece: async (at, length) => new Blob([new Uint8Array(Math.min(length, SIZE - at))]),
};

test("an archive is sent whole and becomes a scan", async () => {
  const kept = new Kept();

  expect(await send(kept, sending({ source: exact }))).toEqual({ id: 7 });
  expect(kept.received).toBe(SIZE);
});

test("after a broken connection it goes on from where the service is", async () => {
  const kept = new Kept();
  kept.faults = [null, new Problem("No answer", "", 0), new Problem("Busy", "", 503)];

  await send(kept, sending({ source: exact }));

  expect(kept.received).toBe(SIZE);
  expect(kept.opened).toBe(1);
});

test("what an earlier visit sent is not sent again", async () => {
  const kept = new Kept();
  kept.received = SIZE - 10;
  const asked: number[] = [];
  const source = {
    size: SIZE,
    piece: (at: number, length: number) => {
      asked.push(at);
      return exact.piece(at, length);
    },
  };

  await send(kept, sending({ source }));

  expect(asked).toEqual([SIZE - 10]);
});

test("a refusal ends it and is told", async () => {
  const kept = new Kept();
  kept.faults = [new Problem("No room", "The disk is full", 507)];

  await expect(send(kept, sending({ source: exact }))).rejects.toThrow("The disk is full");
});

test("a file that cannot be read any more is told in words", async () => {
  const source = { size: SIZE, piece: () => Promise.reject(new Error("NotReadableError")) };

  await expect(send(new Kept(), sending({ source }))).rejects.toThrow("Choose the folder again");
});

test("cancelling stops it before the next piece", async () => {
  const stop = new AbortController();
  const kept = new Kept();
  const onUpload = (upload: Upload) => upload.received_bytes > 0 && stop.abort();

  await expect(
    send(kept, sending({ source: exact, signal: stop.signal, onUpload })),
  ).rejects.toMatchObject({ title: "Cancelled" });
  expect(kept.received).toBeLessThan(SIZE);
});

test("pieces grow on a fast line and stay small on a slow one", () => {
  expect(nextLength(1_000_000, 100)).toBe(15_000_000);
  expect(nextLength(262_144, 10_000)).toBe(262_144);
});
