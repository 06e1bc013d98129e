import { expect, test } from "vitest";
import { crcOf } from "~/pages/scans/upload/crc";

const bytes = (text: string) => new TextEncoder().encode(text);

test("the checksum is that of the standard's example", () => {
  expect(crcOf(bytes("123456789"))).toBe(0xcbf43926);
  expect(crcOf(bytes("The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
});

test("a checksum goes on from piece to piece, wherever the pieces end", () => {
  const whole = bytes("stored, not packed");
  for (let cut = 0; cut <= whole.length; cut += 1) {
    expect(crcOf(whole.subarray(cut), crcOf(whole.subarray(0, cut)))).toBe(crcOf(whole));
  }
});
