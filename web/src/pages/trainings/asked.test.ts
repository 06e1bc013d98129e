import { describe, expect, it } from "vitest";
import type { Schemas } from "~/api/client";
import {
  bodyOf,
  reasonAgainst,
  sentenceOf,
  USUAL,
  wrongEpochs,
  wrongRate,
} from "~/pages/trainings/asked";

const datasets = [
  { id: 2, name: "chips of 2024", graphene: 240, other: 810 },
] as Schemas["Dataset"][];

describe("a training that is asked for", () => {
  it("can be started as the form comes", () => {
    expect(reasonAgainst(USUAL)).toBeNull();
    expect(bodyOf(USUAL)).toMatchObject({ epochs: 6, base_model: null, reviews: true, note: null });
  });

  it("needs something to learn from", () => {
    expect(reasonAgainst({ ...USUAL, reviews: false })).toContain("nothing to learn from");
    expect(reasonAgainst({ ...USUAL, reviews: false, datasets: [2] })).toBeNull();
  });

  it("takes a decimal comma, and no number that the service would refuse", () => {
    expect(bodyOf({ ...USUAL, learningRate: "0,001" }).learning_rate).toBe(0.001);
    expect(wrongRate("2")).not.toBeNull();
    expect(wrongEpochs("2.5")).not.toBeNull();
    expect(wrongEpochs("")).not.toBeNull();
    expect(reasonAgainst({ ...USUAL, epochs: "201" })).not.toBeNull();
  });

  it("goes on from a version only where the network can", () => {
    expect(bodyOf({ ...USUAL, base: "flakenet-0.1" }).base_model).toBe("flakenet-0.1");
    const other = { ...USUAL, architecture: "resnet50", base: "flakenet-0.1" };
    expect(bodyOf(other).base_model).toBeNull();
  });

  it("says in a sentence what it learns from", () => {
    const known = { reviewed: 120, datasets, active: "flakenet-0.1" };
    expect(sentenceOf({ ...USUAL, datasets: [2] }, known)).toBe(
      "It learns from 120 reviewed flakes and chips of 2024 (240 graphene, 810 other); " +
        "it begins with flakenet-0.1.",
    );
    expect(sentenceOf({ ...USUAL, base: "scratch" }, known)).toContain("random weights");
  });
});
