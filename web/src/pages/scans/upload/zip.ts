/** A folder as a zip that is never held as a whole: any piece of it can be asked for. */
import { crcOf } from "~/pages/scans/upload/crc";
import * as records from "~/pages/scans/upload/records";

/** What a zip needs of a file. */
export interface Content {
  size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export interface Member {
  /** Below the folder, with slashes. */
  path: string;
  /** ms since 1970. */
  time: number;
  content: Content;
}

interface Placed extends records.Named {
  content: Content;
  at: number;
  /** Where the next begins. */
  end: number;
}

/** So much of a file is read at once. */
const READ_BYTES = 4 * 2 ** 20;

type Bytes = Uint8Array<ArrayBuffer>;

export class Zip {
  readonly size: number;
  private readonly members: readonly Placed[];
  private readonly directoryAt: number;
  private readonly directorySize: number;
  private end: Bytes | undefined;
  private readonly sums = new Map<Placed, number>();
  // The member that is being given out, how far it is, and its checksum up to there.
  private running: { member: Placed; at: number; crc: number } | undefined;

  constructor(members: readonly Member[]) {
    this.members = placed(members);
    this.directoryAt = this.members.at(-1)?.end ?? 0;
    this.directorySize = this.members.reduce(
      (sum, member) => sum + records.entrySize(member, member.at),
      0,
    );
    const end = records.endSize(this.members.length, this.directorySize, this.directoryAt);
    this.size = this.directoryAt + this.directorySize + end;
  }

  /** Bytes from `offset` on, at most `length`. */
  async piece(offset: number, length: number): Promise<Blob> {
    const end = Math.min(offset + length, this.size);
    const parts: Bytes[] = [];
    for (let at = this.indexAt(offset); at < this.members.length; at += 1) {
      const member = this.members[at];
      if (!member || member.at >= end) break;
      await this.addMember(parts, member, offset, end);
    }
    if (end > this.directoryAt) {
      const tail = await this.tail();
      parts.push(cut(tail, this.directoryAt, offset, end));
    }
    return new Blob(parts);
  }

  private indexAt(offset: number): number {
    let low = 0;
    let high = this.members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.members[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private async addMember(parts: Bytes[], member: Placed, start: number, end: number) {
    const begins = member.at + records.headerSize(member);
    const ends = begins + member.size;
    if (start < begins) parts.push(cut(records.header(member), member.at, start, end));
    const from = Math.max(start, begins) - begins;
    const to = Math.min(end, ends) - begins;
    if (to > from) parts.push(await this.read(member, from, to));
    if (end > ends && start < member.end) {
      const made = records.descriptor(member.size, await this.sumOf(member));
      parts.push(cut(made, ends, start, end));
    }
  }

  private async read(member: Placed, from: number, to: number): Promise<Bytes> {
    const bytes = new Uint8Array(await member.content.slice(from, to).arrayBuffer());
    const before = this.running;
    const goesOn = from === 0 || (before?.member === member && before.at === from);
    if (goesOn) {
      const crc = crcOf(bytes, from === 0 ? 0 : before?.crc);
      this.running = { member, at: to, crc };
      if (to === member.size) this.sums.set(member, crc);
    }
    return bytes;
  }

  /** Of a member that an earlier visit sent, nobody knows it any more: it is read again. */
  private async sumOf(member: Placed): Promise<number> {
    let crc = this.sums.get(member);
    if (crc !== undefined) return crc;
    crc = 0;
    for (let at = 0; at < member.size; at += READ_BYTES) {
      const some = member.content.slice(at, Math.min(at + READ_BYTES, member.size));
      crc = crcOf(new Uint8Array(await some.arrayBuffer()), crc);
    }
    this.sums.set(member, crc);
    return crc;
  }

  private async tail(): Promise<Bytes> {
    if (this.end) return this.end;
    const made: Bytes[] = [];
    for (const member of this.members) {
      made.push(records.entry(member, member.at, await this.sumOf(member)));
    }
    made.push(records.end(this.members.length, this.directorySize, this.directoryAt));
    this.end = new Uint8Array(await new Blob(made).arrayBuffer());
    return this.end;
  }
}

function placed(members: readonly Member[]): Placed[] {
  const encoder = new TextEncoder();
  let at = 0;
  return members.map(({ path, time, content }) => {
    const named = { name: encoder.encode(path), time, size: content.size };
    const length = records.headerSize(named) + named.size + records.descriptorSize(named.size);
    const one = { ...named, content, at, end: at + length };
    at = one.end;
    return one;
  });
}

/** What of some bytes, which lie at `at`, lies between `start` and `end`. */
function cut(bytes: Bytes, at: number, start: number, end: number): Bytes {
  return bytes.subarray(Math.max(start - at, 0), Math.max(end - at, 0));
}
