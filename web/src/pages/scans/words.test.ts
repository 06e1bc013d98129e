import { expect, test } from "vitest";
import {
  allTiles,
  busyWords,
  formatWords,
  isRunning,
  orientationWords,
  type Scan,
  tilesText,
} from "~/pages/scans/words";

function scan(change: Partial<Scan>, tiles: Partial<Scan["tiles"]> = {}): Scan {
  return {
    state: "done",
    affine: null,
    flip_x: false,
    flip_y: false,
    swap_xy: false,
    ...change,
    tiles: { expected: null, queued: 0, screened: 0, failed: 0, ...tiles },
  } as Scan;
}

test("how many tiles an open scan will have, nobody knows", () => {
  expect(allTiles(scan({ state: "open" }, { screened: 3 }))).toBeNull();
  expect(tilesText(scan({ state: "open" }, { screened: 3 }))).toBe("3");
});

test("failed tiles are done, too", () => {
  const one = scan({ state: "screening" }, { expected: 10, screened: 4, failed: 1, queued: 5 });
  expect(tilesText(one)).toBe("5 of 10");
});

test("a scan that has ended still runs where a live tile waits", () => {
  expect(isRunning(scan({ state: "open" }, { queued: 1 }))).toBe(true);
  expect(isRunning(scan({ state: "open" }))).toBe(false);
  expect(isRunning(scan({ state: "queued" }))).toBe(true);
});

test("a scan whose tiles are all done is looked at as a whole", () => {
  expect(busyWords(scan({ state: "queued" }))).toBe("waits for a worker");
  const all = { expected: 2, screened: 2 };
  expect(busyWords(scan({ state: "screening" }, all))).toContain("compares");
  expect(busyWords(scan({ state: "screening" }, { ...all, screened: 1 }))).toContain("pace");
});

test("formats and orientations are told in words", () => {
  expect(formatWords("Nikon ND2")).toBe("Nikon ND2");
  expect(formatWords(null)).toBe("tiles sent one by one");
  expect(orientationWords(scan({ flip_y: true, swap_xy: true }))).toBe(
    "x and y swapped, y mirrored",
  );
});
