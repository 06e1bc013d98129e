import { describe, expect, it } from "vitest";
import { layersOf, readReferences } from "~/pages/settings/references";

describe("references", () => {
  it("takes the document of 2DMatGMM and lists its layers", () => {
    const read = readReferences('{"1": {"contrast": {"r": -0.1}}, "2": {}}');
    expect(layersOf(read)).toBe("1, 2");
    expect(layersOf({})).toBe("none");
  });

  it("says in words what is no such file", () => {
    expect(() => readReferences("[1, 2]")).toThrow("one entry per number of layers");
    expect(() => readReferences("x,y\n1,2")).toThrow("not JSON");
  });
});
