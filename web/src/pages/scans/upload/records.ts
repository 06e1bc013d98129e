/**
 * The records of a zip whose members are stored as they are (PKWARE's APPNOTE 6.3.10). Checksums
 * follow the members, so nothing is read twice; from 4 GiB on the 64-bit forms are used.
 */

export interface Named {
  name: Uint8Array<ArrayBuffer>;
  size: number;
  /** ms since 1970. */
  time: number;
}

/** 32-bit fields of this value say that the number stands in a 64-bit field. */
export const FULL = 0xffffffff;
const FULL_16 = 0xffff;

// Bit 3: the checksum follows the member; bit 11: names are UTF-8.
const FLAGS = 0x0808;

export const isLong = (value: number) => value >= FULL;

/** What stands before a member's bytes. */
export function header(member: Named): Uint8Array<ArrayBuffer> {
  const long = isLong(member.size);
  const out = new Record(30 + member.name.length + (long ? 20 : 0));
  out.u32(0x04034b50).u16(long ? 45 : 20);
  out.u16(FLAGS).u16(0).u32(dosTime(member.time)).u32(0);
  const size = long ? FULL : 0;
  out.u32(size).u32(size);
  out
    .u16(member.name.length)
    .u16(long ? 20 : 0)
    .bytes(member.name);
  // The sizes come behind the bytes, with the checksum.
  if (long) out.u16(1).u16(16).u64(0).u64(0);
  return out.made;
}

export const headerSize = (member: Named) =>
  30 + member.name.length + (isLong(member.size) ? 20 : 0);

/** What follows a member's bytes: its checksum and sizes. */
export function descriptor(size: number, crc: number): Uint8Array<ArrayBuffer> {
  const out = new Record(descriptorSize(size)).u32(0x08074b50).u32(crc);
  return isLong(size) ? out.u64(size).u64(size).made : out.u32(size).u32(size).made;
}

export const descriptorSize = (size: number) => (isLong(size) ? 24 : 16);

/** A member's line in the directory at the end. */
export function entry(member: Named, at: number, crc: number): Uint8Array<ArrayBuffer> {
  const extra = extraSize(member.size, at);
  const out = new Record(entrySize(member, at));
  out
    .u32(0x02014b50)
    .u16(45)
    .u16(extra ? 45 : 20);
  out.u16(FLAGS).u16(0).u32(dosTime(member.time)).u32(crc);
  const size = Math.min(member.size, FULL);
  out.u32(size).u32(size).u16(member.name.length).u16(extra);
  out.u16(0).u16(0).u16(0).u32(0).u32(Math.min(at, FULL)).bytes(member.name);
  if (extra) out.u16(1).u16(extra - 4);
  if (isLong(member.size)) out.u64(member.size).u64(member.size);
  if (isLong(at)) out.u64(at);
  return out.made;
}

export const entrySize = (member: Named, at: number) =>
  46 + member.name.length + extraSize(member.size, at);

function extraSize(size: number, at: number): number {
  const length = (isLong(size) ? 16 : 0) + (isLong(at) ? 8 : 0);
  return length ? length + 4 : 0;
}

/** The last record: where the directory lies. */
export function end(members: number, size: number, at: number): Uint8Array<ArrayBuffer> {
  const out = new Record(endSize(members, size, at));
  if (needsLongEnd(members, size, at)) {
    out.u32(0x06064b50).u64(44).u16(45).u16(45).u32(0).u32(0);
    out.u64(members).u64(members).u64(size).u64(at);
    out
      .u32(0x07064b50)
      .u32(0)
      .u64(at + size)
      .u32(1);
  }
  const few = Math.min(members, FULL_16);
  out.u32(0x06054b50).u16(0).u16(0).u16(few).u16(few);
  return out.u32(Math.min(size, FULL)).u32(Math.min(at, FULL)).u16(0).made;
}

export const endSize = (members: number, size: number, at: number) =>
  needsLongEnd(members, size, at) ? 98 : 22;

const needsLongEnd = (members: number, size: number, at: number) =>
  members >= FULL_16 || isLong(size) || isLong(at);

/** Two seconds a step, from 1980 on. In UTC: the same file gives the same bytes in summer, too. */
function dosTime(time: number): number {
  const at = new Date(time);
  const year = Math.min(Math.max(at.getUTCFullYear(), 1980), 2107);
  const day = ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const clock = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((day << 16) | clock) >>> 0;
}

/** Writes numbers one after the other, lowest byte first. */
class Record {
  readonly made: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private at = 0;

  constructor(size: number) {
    this.made = new Uint8Array(size);
    this.view = new DataView(this.made.buffer);
  }

  u16(value: number): this {
    this.view.setUint16(this.at, value, true);
    this.at += 2;
    return this;
  }

  u32(value: number): this {
    this.view.setUint32(this.at, value, true);
    this.at += 4;
    return this;
  }

  u64(value: number): this {
    this.view.setBigUint64(this.at, BigInt(value), true);
    this.at += 8;
    return this;
  }

  bytes(some: Uint8Array): this {
    this.made.set(some, this.at);
    this.at += some.length;
    return this;
  }
}
