import { expect, test } from "vitest";
import { fieldsOf, NOTHING_SAID, whyNot } from "~/pages/scans/upload/fields";

test("what nobody says is left out, so that the files are asked", () => {
  expect(fieldsOf(NOTHING_SAID)).toEqual({});
});

test("what is said goes along as numbers", () => {
  const said = {
    ...NOTHING_SAID,
    name: " chip ",
    um_per_px: "0,3844",
    substrate: "2",
    flip_y: true,
  };

  expect(fieldsOf(said)).toEqual({
    name: "chip",
    um_per_px: 0.3844,
    substrate_id: 2,
    flip_y: true,
  });
});

test("a scale that is no number above 0 is told before anything is sent", () => {
  expect(whyNot({ ...NOTHING_SAID, um_per_px: "0" })).toContain("scale");
  expect(whyNot({ ...NOTHING_SAID, oxide_nm: "thick" })).toContain("oxide");
  expect(whyNot(NOTHING_SAID)).toBeNull();
});
