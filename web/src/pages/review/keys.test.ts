import { expect, test } from "vitest";
import { actionOf, type Key } from "./keys";

const press = (key: string, rest: Partial<Key> = {}) =>
  actionOf({
    key,
    code: "",
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    ...rest,
  });

test("G, B and U are verdicts, in both cases", () => {
  expect(press("g")).toEqual({ do: "verdict", label: "graphene", layers: null });
  expect(press("B")).toEqual({ do: "verdict", label: "not_graphene", layers: null });
  expect(press("u")).toEqual({ do: "verdict", label: "unsure", layers: null });
});

test("1 to 4 are graphene with so many layers, 0 and 5 are nothing", () => {
  expect(press("3")).toEqual({ do: "verdict", label: "graphene", layers: 3 });
  expect(press("5")).toBeNull();
  expect(press("0")).toBeNull();
});

test("the browser keeps its own combinations", () => {
  expect(press("a", { ctrlKey: true })).toBeNull();
  expect(press("z", { metaKey: true })).toBeNull();
  expect(press("ArrowLeft", { altKey: true })).toBeNull();
});

test("a held key moves on and on, and judges once", () => {
  expect(press("ArrowRight", { repeat: true })).toEqual({
    do: "move",
    to: "right",
    isExtending: false,
  });
  expect(press("g", { repeat: true })).toBeNull();
  expect(press("z", { repeat: true })).toBeNull();
});

test("shift and an arrow extend the selection", () => {
  expect(press("ArrowDown", { shiftKey: true })).toMatchObject({ to: "down", isExtending: true });
});

test("keyboards without Latin letters, or with digits under Shift, work by the key's place", () => {
  expect(press("\u043f", { code: "KeyG" })).toMatchObject({ label: "graphene" });
  expect(press("&", { code: "Digit1" })).toMatchObject({ layers: 1 });
});

test("a question mark asks for the keys, whatever key it is on", () => {
  expect(press("?", { code: "Slash", shiftKey: true })).toEqual({ do: "help" });
});

test("Z, Enter, Escape, Space and the rest do what the list of keys says", () => {
  const done = ["z", "Enter", "Escape", " ", "a", "o", "c"].map((key) => press(key)?.do);

  expect(done).toEqual(["undo", "open", "back", "select", "all", "outline", "contrast"]);
  expect(press("x")).toBeNull();
});
