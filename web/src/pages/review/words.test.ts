import { expect, test } from "vitest";
import { drawFlake, drawReview } from "./drawn_flakes";
import { drawOptics } from "./drawn_optics";
import * as words from "./words";

test("a verdict names its layers only where somebody counted them", () => {
  expect(words.saidWords([17], { label: "graphene", layers: 1 })).toBe(
    "Flake 17: graphene, 1 layer.",
  );
  expect(words.saidWords([1, 2], { label: "not_graphene", layers: null })).toBe(
    "2 flakes: not graphene.",
  );
});

test("an undo says what stayed because somebody came between", () => {
  expect(words.undoneWords([17], [])).toBe("Undone: flake 17.");
  expect(words.undoneWords([], [17])).toBe(
    "Nothing was undone. Flake 17 was reviewed again since and stayed.",
  );
});

test("a disagreement says who says what", () => {
  expect(
    words.reasonWords("optics_disagree", drawFlake(1, { is_graphene: false, layers: 2 })),
  ).toBe("its colour says 2 layers, the network says not graphene");
  expect(words.reasonWords("optics_disagree", drawFlake(1, { layers: null }))).toContain(
    "the network says graphene",
  );
});

test("a reason of the flake's own goes before one of its whole scan", () => {
  expect(words.reasonWords("near_threshold", drawFlake(1))).toContain("the network is unsure");
  expect(words.badgesOf(["near_threshold", "new_substrate"])).toEqual(["network unsure"]);
  expect(words.badgesOf(["new_substrate"])).toEqual(["new oxide"]);
  expect(words.badgesOf([])).toEqual([]);
});

test("the oxide says where it comes from, or that nobody knows it", () => {
  expect(words.oxideWords(drawOptics())).toBe(
    "Oxide 90.4 \u00b1 3.1 nm, estimated from this scan's own flakes.",
  );
  expect(words.oxideWords(drawOptics({ oxide: null, substrate: "wafer 12" }))).toBe(
    'Contrasts measured on "wafer 12". Oxide unknown.',
  );
});

test("probabilities begin with the likeliest and leave out what is below one per cent", () => {
  expect(words.probabilityWords(drawOptics(), 1)).toBe(
    "By its colour: 1 layer 93 %, something else (thicker, or no graphite) 5 %, 2 layers 2 %.",
  );
  expect(words.probabilityWords(drawOptics({ probability: [], p_other: 0 }), null)).toBe(
    "The colour says nothing.",
  );
});

test("who hears the page hears the verdict with the flake", () => {
  expect(words.flakeWords(drawFlake(3, { layers: null }), null)).toBe(
    "Flake 3, p 0.62, 185 \u00b5m\u00b2, layers unknown, not reviewed",
  );
  expect(words.flakeWords(drawFlake(3), drawReview(1, { label: "unsure" }))).toContain("unsure");
});

test("a contrast has a sign", () => {
  expect([words.contrast(-0.1371), words.contrast(0.2)]).toEqual(["\u22120.137", "+0.200"]);
});

test("a colour that says another number than the one that counts does not contradict it", () => {
  expect(words.probabilityWords(drawOptics(), 2)).toContain(
    "Its colour alone would rather say: 1 layer 93 %",
  );
  expect(words.probabilityWords(drawOptics(), 1)).toContain("By its colour: 1 layer 93 %");
  expect(words.probabilityWords(drawOptics(), null)).toContain("By its colour: 1 layer 93 %");
});
