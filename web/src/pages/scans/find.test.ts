import { expect, test } from "vitest";
import { ALL, findScans } from "~/pages/scans/find";
import type { Scan } from "~/pages/scans/words";

function scan(id: number, name: string, graphene: number, material: string | null = null): Scan {
  return { id, name, material, source: null, flakes: { graphene, other: 0 } } as Scan;
}

const SCANS = [scan(1, "chip 10", 3, "graphite"), scan(2, "chip 9", 7), scan(3, "wafer", 3)];

function ids(asked: Partial<typeof ALL>): number[] {
  return findScans(SCANS, { ...ALL, ...asked }).map(({ id }) => id);
}

test("at first all stand there, the newest first", () => {
  expect(ids({})).toEqual([3, 2, 1]);
});

test("every word has to be somewhere in what a scan is called", () => {
  expect(ids({ text: "CHIP" })).toEqual([2, 1]);
  expect(ids({ text: " 10 chip" })).toEqual([1]);
  expect(ids({ text: "graphite" })).toEqual([1]);
  expect(ids({ text: "chip wafer" })).toEqual([]);
});

test("names are ordered by their numbers, too; equals by age", () => {
  expect(ids({ order: "name" })).toEqual([2, 1, 3]);
  expect(ids({ order: "graphene" })).toEqual([2, 3, 1]);
  expect(ids({ order: "oldest" })).toEqual([1, 2, 3]);
});
