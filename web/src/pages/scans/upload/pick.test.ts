import { expect, test } from "vitest";
import { keyOf, type PickedFile, picksOf } from "~/pages/scans/upload/pick";

function file(path: string, text = "x"): PickedFile {
  const name = path.split("/").at(-1) ?? path;
  return { path, file: new File([text], name, { lastModified: 1000 }) };
}

test("each folder and each zip becomes a scan of its own", () => {
  const picks = picksOf([file("chip 1/b.png"), file("chip 2/a.png"), file("chip 3.zip", "12345")]);

  expect(picks.map(({ name, kind, bytes }) => [name, kind, bytes])).toEqual([
    ["chip 3", "zip", 5],
    ["chip 1", "folder", 1],
    ["chip 2", "folder", 1],
  ]);
});

test("loose images become one scan together", () => {
  const picks = picksOf([file("a.png"), file("b.png")]);

  expect(picks).toHaveLength(1);
  expect(picks[0]?.files.map(({ path }) => path)).toEqual(["a.png", "b.png"]);
});

test("what systems leave in folders is not sent", () => {
  const picks = picksOf([
    file("chip/.DS_Store"),
    file("chip/Thumbs.db"),
    file("chip/__MACOSX/a.png"),
    file("chip/a.png"),
  ]);

  expect(picks[0]?.files.map(({ path }) => path)).toEqual(["a.png"]);
});

test("a zip inside a folder stays a file of it", () => {
  expect(picksOf([file("chip/raw.zip"), file("chip/a.png")])).toHaveLength(1);
});

test("a folder is known again in whatever order its files come, and not once one has changed", () => {
  const key = (files: PickedFile[]) => picksOf(files).map(keyOf)[0];
  const first = key([file("chip/a.png"), file("chip/b.png")]);

  expect(key([file("chip/b.png"), file("chip/a.png")])).toBe(first);
  expect(key([file("chip/a.png", "changed"), file("chip/b.png")])).not.toBe(first);
});
