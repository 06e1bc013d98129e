import { describe, expect, it } from "vitest";
import type { EventKinds } from "~/api/event_kinds";
import {
  baseOf,
  epochsOf,
  judgedSets,
  learnedFrom,
  leftOf,
  needsReload,
  span,
  type Training,
  withEvent,
} from "~/pages/trainings/training";

const EPOCH = {
  number: 1,
  epochs: 6,
  training_loss: 0.4,
  validation_loss: 0.3,
  f1: 0.8,
  took_s: 10,
  left_s: 50,
};
const training = {
  id: 3,
  state: "running",
  config: { architecture: "flakenet", epochs: 6, base_model: "flakenet-0.1" },
  epochs: [EPOCH],
} as unknown as Training;
const event = (change: Partial<EventKinds["training"]>): EventKinds["training"] => ({
  at: "2026-11-20T10:00:00Z",
  scan_id: null,
  training_id: 3,
  state: "running",
  epoch: null,
  model_version: null,
  reason: null,
  ...change,
});

describe("a training", () => {
  it("gains the epoch that an event tells, once", () => {
    const second = event({ epoch: { ...EPOCH, number: 2, f1: null } });
    const later = withEvent(withEvent(training, second), second);
    expect(later.epochs.map(({ number }) => number)).toEqual([1, 2]);
    expect(later.epochs[1]?.f1).toBeNull();
  });

  it("is not changed by the event of another, or by a broken epoch", () => {
    expect(withEvent(training, event({ training_id: 4, state: "done" }))).toBe(training);
    expect(withEvent(training, event({ epoch: { number: 2 } })).epochs).toEqual([EPOCH]);
  });

  it("is asked for anew when it is not known or its state has changed", () => {
    expect(needsReload([training], event({}))).toBe(false);
    expect(needsReload([training], event({ state: "done" }))).toBe(true);
    expect(needsReload([], event({}))).toBe(true);
  });

  it("says how much time is left, and no more than it knows", () => {
    expect(leftOf(training, 0)).toBe("about 50 s");
    expect(leftOf(training, 80)).toBe("any moment");
    expect(leftOf({ ...training, epochs: [] }, 0)).toBe("not known before the first epoch");
    expect(leftOf({ ...training, state: "done" }, 0)).toBe("");
    expect(span(7300)).toBe("2 h 2 min");
    expect(span(null)).toBe("unknown");
  });

  it("tells what it was asked for", () => {
    expect(epochsOf({ ...training, epochs: [] })).toBe(6);
    expect(baseOf(training)).toBe("flakenet-0.1");
    expect(baseOf({ config: { base_model: null } })).toBe("random weights");
  });

  it("sets its figures beside those of what it began with", () => {
    const result = {
      figures: { lab: { positives: 4, negatives: 9, figures: { f1: { value: 0.9 } } } },
      before: { lab: { f1: 0.7 } },
      examples: { lab_graphene: 12, lab_other: 30, replay: 900 },
    };
    const [lab] = judgedSets({ result });
    expect(lab).toMatchObject({ graphene: 4, other: 9 });
    expect(lab?.gained).toEqual([
      { name: "F1", now: { value: 0.9, low: null, high: null }, before: 0.7 },
    ]);
    expect(judgedSets({ result: null })).toEqual([]);
    expect(learnedFrom({ result })).toContain("12 graphene and 30 other");
    expect(learnedFrom({ result: null })).toBeNull();
  });
});
