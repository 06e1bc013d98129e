import { expect, test } from "vitest";
import { crcOf } from "~/pages/scans/upload/crc";
import { end, endSize, entry, header, headerSize } from "~/pages/scans/upload/records";
import { type Member, Zip } from "~/pages/scans/upload/zip";

const TIME = Date.UTC(2026, 10, 20, 10, 20, 30);

function member(path: string, text: string): Member {
  return { path, time: TIME, content: new Blob([text]) };
}

const FILES = [
  member("a.txt", "first"),
  member("sub/\u00b5.txt", "the second one"),
  member("c", ""),
];

async function bytesOf(zip: Zip, step: number): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < zip.size; at += step) {
    all.push(...new Uint8Array(await (await zip.piece(at, step)).arrayBuffer()));
  }
  return all;
}

test("pieces of every length make the same archive", async () => {
  const zip = new Zip(FILES);
  const whole = await bytesOf(zip, zip.size);

  expect(whole).toHaveLength(zip.size);
  for (const step of [1, 2, 7, 50, 100]) expect(await bytesOf(new Zip(FILES), step)).toEqual(whole);
});

test("a visit that goes on in the middle sends the same bytes", async () => {
  const zip = new Zip(FILES);
  const whole = await bytesOf(zip, zip.size);

  for (let at = 0; at < zip.size; at += 1) {
    const rest = await (await new Zip(FILES).piece(at, zip.size)).arrayBuffer();
    expect([...new Uint8Array(rest)]).toEqual(whole.slice(at));
  }
});

test("the directory names each file, where it lies, and its checksum", async () => {
  const bytes = new Uint8Array(await bytesOf(new Zip(FILES), 64));
  const view = new DataView(bytes.buffer);
  const last = bytes.length - 22;
  expect(view.getUint32(last, true)).toBe(0x06054b50);
  expect(view.getUint16(last + 10, true)).toBe(3);

  let at = view.getUint32(last + 16, true);
  for (const { path, content } of FILES) {
    const text = new TextEncoder().encode(path);
    const data = new Uint8Array(await content.slice(0, content.size).arrayBuffer());
    expect(view.getUint32(at, true)).toBe(0x02014b50);
    expect(view.getUint32(at + 16, true)).toBe(crcOf(data));
    expect(view.getUint32(at + 24, true)).toBe(content.size);
    expect(bytes.slice(at + 46, at + 46 + text.length)).toEqual(text);
    const begins = view.getUint32(at + 42, true);
    expect(view.getUint32(begins, true)).toBe(0x04034b50);
    expect(bytes.slice(begins + 30 + text.length, begins + 30 + text.length + data.length)).toEqual(
      data,
    );
    at += 46 + text.length;
  }
});

test("numbers from 4 GiB on stand in fields of 64 bits", () => {
  const huge = { name: new Uint8Array([97]), size: 5 * 2 ** 30, time: TIME };
  expect(header(huge)).toHaveLength(headerSize(huge));

  const line = new DataView(entry(huge, 6 * 2 ** 30, 1).buffer);
  expect(line.getUint32(24, true)).toBe(0xffffffff);
  expect(line.getUint32(42, true)).toBe(0xffffffff);
  expect(line.getBigUint64(46 + 1 + 4, true)).toBe(BigInt(huge.size));
  expect(line.getBigUint64(46 + 1 + 20, true)).toBe(BigInt(6 * 2 ** 30));

  const last = end(70_000, 100, 2 ** 33);
  expect(last).toHaveLength(endSize(70_000, 100, 2 ** 33));
  expect(new DataView(last.buffer).getBigUint64(48, true)).toBe(BigInt(2 ** 33));
});
