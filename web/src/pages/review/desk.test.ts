import { expect, test } from "vitest";
import { EMPTY, refused, saved, shownReview, started, undone } from "./desk";
import { drawFlake, drawReview } from "./drawn_flakes";

const GRAPHENE = drawReview(-1);
const OTHER = drawReview(-2, { label: "not_graphene" });

test("a verdict is shown before the service has answered", () => {
  const desk = started(EMPTY, { key: 1, ids: [17], review: GRAPHENE });

  expect(shownReview(desk, drawFlake(17))).toBe(GRAPHENE);
  expect(shownReview(desk, drawFlake(18))).toBeNull();
});

test("of two verdicts on their way the later one is shown", () => {
  const first = started(EMPTY, { key: 1, ids: [17], review: GRAPHENE });
  const both = started(first, { key: 2, ids: [17], review: OTHER });

  expect(shownReview(both, drawFlake(17))).toBe(OTHER);
  expect(shownReview(refused(both, 2), drawFlake(17))).toBe(GRAPHENE);
});

test("a refused verdict leaves what was there", () => {
  const before = drawFlake(17, { review: drawReview(5) });
  const desk = refused(started(EMPTY, { key: 1, ids: [17], review: OTHER }), 1);

  expect(shownReview(desk, before)).toBe(before.review);
  expect(desk).toEqual(EMPTY);
});

test("a saved verdict counts and can be undone", () => {
  const after = drawFlake(17, { review: drawReview(6) });
  const desk = saved(
    started(EMPTY, { key: 1, ids: [17], review: GRAPHENE }),
    1,
    [drawFlake(17)],
    [after],
  );

  expect(desk.waiting).toEqual([]);
  expect(desk.trail).toEqual([{ reviews: new Map([[17, 6]]) }]);
  expect([...desk.reviewed]).toEqual([17]);
});

test("the same verdict said again has nothing to undo", () => {
  const flake = drawFlake(17, { review: drawReview(5) });

  expect(saved(EMPTY, 1, [flake], [flake]).trail).toEqual([]);
});

test("said again before its list has heard of the first, it has nothing to undo either", () => {
  const old = drawFlake(17);
  const now = drawFlake(17, { review: drawReview(6) });

  expect(saved(saved(EMPTY, 1, [old], [now]), 2, [old], [now]).trail).toHaveLength(1);
});

test("a verdict on many takes back only what it made", () => {
  const before = [drawFlake(1, { review: drawReview(5) }), drawFlake(2)];
  const after = [drawFlake(1, { review: drawReview(5) }), drawFlake(2, { review: drawReview(9) })];

  expect(saved(EMPTY, 1, before, after).trail).toEqual([{ reviews: new Map([[2, 9]]) }]);
});

test("what was undone no longer counts", () => {
  const done = saved(EMPTY, 1, [drawFlake(17)], [drawFlake(17, { review: drawReview(6) })]);
  const desk = undone(done, [drawFlake(17)], new Map());

  expect(desk.trail).toEqual([]);
  expect(desk.reviewed.size).toBe(0);
  expect(desk.known.get(17)).toBeNull();
});

test("what could not be undone stays to be tried again", () => {
  const after = [1, 2].map((id) => drawFlake(id, { review: drawReview(id + 4) }));
  const done = saved(EMPTY, 1, [drawFlake(1), drawFlake(2)], after);

  expect(undone(done, [drawFlake(1)], new Map([[2, 6]])).trail).toEqual([
    { reviews: new Map([[2, 6]]) },
  ]);
});
