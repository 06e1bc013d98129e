import { describe, expect, it } from "vitest";
import { actionOf, KEYS } from "~/pages/map/keys";

const press = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...more,
});

describe("keys", () => {
  it("tells a capital from a small letter", () => {
    expect(actionOf(press("f"), true)).toBe("next");
    expect(actionOf(press("F"), true)).toBe("previous");
  });

  it("leaves the browser its own keys", () => {
    expect(actionOf(press("f", { ctrlKey: true }), true)).toBeUndefined();
    expect(actionOf(press("c", { metaKey: true }), true)).toBeUndefined();
  });

  it("leaves the list its arrows", () => {
    expect(actionOf(press("ArrowDown"), false)).toBeUndefined();
    expect(actionOf(press("ArrowDown"), true)).toBe("down");
  });

  it("gives each key one meaning", () => {
    const all = KEYS.flatMap(({ keys }) => keys);
    expect(new Set(all).size).toBe(all.length);
  });
});
