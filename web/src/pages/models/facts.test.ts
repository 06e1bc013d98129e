import { describe, expect, it } from "vitest";
import {
  figureOf,
  gateOf,
  interval,
  type Model,
  ms,
  onHoldout,
  originOf,
  ownF1,
  parityOf,
  shortDigest,
  tiny,
} from "~/pages/models/facts";

const GATE = {
  reasons: ["It is worse."],
  forced: true,
  who: "ada",
  at: "2026-11-20T10:00:00Z",
  figures: {
    compared_with: "old",
    ms_per_crop: 0.412,
    holdout: { crops: 573, active: 0.97, candidate: 0.9, low: -0.09, high: -0.05 },
    reviews: null,
  },
};

const model = (version: string, gate: Model["gate"]) => ({ version, gate }) as Model;

describe("facts of a version", () => {
  it("reads what the gate has recorded", () => {
    const gate = gateOf(model("new", GATE));
    expect(gate).toMatchObject({ isForced: true, who: "ada", comparedWith: "old" });
    expect(gate?.holdout?.candidate).toBe(0.9);
    expect(gate?.reviews).toBeNull();
    expect(gateOf(model("new", null))).toBeNull();
    expect(gateOf(model("new", { reasons: "no list" }))?.reasons).toEqual([]);
  });

  it("knows the holdout of both versions that a gate compared", () => {
    const found = onHoldout([model("new", GATE), model("old", null), model("other", null)]);
    expect(Object.fromEntries(found)).toEqual({ new: 0.9, old: 0.97 });
  });

  it("takes the interval over chips where there is one", () => {
    const over = { value: 0.9, low: 0.88, high: 0.92, group_low: 0.7, group_high: 0.95 };
    expect(interval(figureOf(over))).toBe("0.700 to 0.950");
    expect(interval(figureOf({ ...over, group_low: null }))).toBe("0.880 to 0.920");
    expect(figureOf(0.5)).toEqual({ value: 0.5, low: null, high: null });
    expect(figureOf("good").value).toBeNull();
  });

  it("shows the lab's own flakes before rendered ones", () => {
    const figures = { replay: { figures: { f1: 0.9 } }, lab: { figures: { f1: { value: 0.8 } } } };
    expect(ownF1({ metrics: { figures } })).toMatchObject({ set: "lab", value: 0.8 });
    expect(ownF1({ metrics: { figures: { replay: figures.replay } } })?.set).toBe("replay");
    expect(ownF1({ metrics: {} })).toBeNull();
  });

  it("says where a version came from", () => {
    expect(originOf({ provenance: { training_id: 3 }, created_by: "ada" })).toBe("training 3");
    expect(originOf({ provenance: {}, created_by: "ada" })).toBe("uploaded");
    expect(originOf({ provenance: {}, created_by: null })).toBe("came with the service");
  });

  it("calls unknown what nobody measured", () => {
    expect(tiny(parityOf({ metrics: {} }))).toBe("unknown");
    expect(tiny(6.76e-6)).toBe("6.8e\u20116");
    expect(tiny(1e-6)).toBe("1e\u20116");
    expect(ms(undefined)).toBe("unknown");
    expect(ms(0.412)).toBe("0.41 ms");
    expect(shortDigest("sha256:8bee14ebfceb")).toBe("8bee14eb");
  });
});
