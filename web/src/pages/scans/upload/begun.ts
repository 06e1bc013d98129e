/** Uploads that this browser has begun and not ended: chosen again, they go on. */
import type { Fields } from "~/pages/scans/upload/wire";
import { makeStore } from "~/store";

export interface Begun {
  key: string;
  name: string;
  uploadId: string;
  fields: Fields;
}

const KEEP = "flakescope.uploads";
const MOST = 20;

export const begunUploads = makeStore<readonly Begun[]>(stored());

export function remember(one: Begun): void {
  const known = begunUploads.get().find(({ key }) => key === one.key);
  if (known?.uploadId === one.uploadId) return;
  keep([one, ...without(one.key)].slice(0, MOST));
}

export function forget(key: string): void {
  if (begunUploads.get().some((one) => one.key === key)) keep(without(key));
}

const without = (key: string) => begunUploads.get().filter((one) => one.key !== key);

function keep(all: readonly Begun[]): void {
  begunUploads.set(all);
  try {
    localStorage.setItem(KEEP, JSON.stringify(all));
  } catch {
    // Without storage an upload still goes on when it is chosen again; only the note is lost.
  }
}

function stored(): Begun[] {
  try {
    const all: unknown = JSON.parse(globalThis.localStorage?.getItem(KEEP) ?? "[]");
    return Array.isArray(all) ? all : [];
  } catch {
    return [];
  }
}
