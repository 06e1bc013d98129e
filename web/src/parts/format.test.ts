import { describe, expect, it } from "vitest";
import { ago, bytes, layers, p, stage, total, um, um2 } from "~/parts/format";

describe("format", () => {
  it("says unknown where a value is missing, never 0", () => {
    for (const shown of [um(null), um2(undefined), p(null), layers(null), stage(null)]) {
      expect(shown).toBe("unknown");
    }
    expect(um2(0)).toBe("0 µm²");
  });

  it("never calls a probability certain that is not", () => {
    expect(p(0.9994)).toBe("> 0.99");
    expect(p(0.001)).toBe("< 0.01");
    expect(p(0.5)).toBe("0.50");
    // The service rounds what it lists.
    expect(p(1)).toBe("> 0.99");
    expect(p(0)).toBe("< 0.01");
  });

  it("keeps three digits and no exponent", () => {
    expect(um2(123456)).toBe("123,000 µm²");
    expect(um(0.03844)).toBe("0.0384 µm");
    expect(bytes(1_234_567)).toBe("1.23 MB");
  });

  it("calls a lower bound a lower bound", () => {
    expect(total(10_000, false)).toBe("more than 10,000");
  });

  it("says how long ago in the largest unit that fits", () => {
    const now = Date.parse("2026-11-20T12:00:00Z");
    expect(ago("2026-11-20T11:57:00Z", now)).toBe("3 minutes ago");
    expect(ago("2026-11-18T12:00:00Z", now)).toBe("2 days ago");
  });
});
