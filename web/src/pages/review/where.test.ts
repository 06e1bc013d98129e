import { expect, test } from "vitest";
import { hrefOf, parsePlace } from "~/router";
import { countFilters, figure, keyOf, NO_FILTERS, parseWhere, queryOf, type Where } from "./where";

const parse = (text: string) => parseWhere(new URLSearchParams(text));

test("an address restores the list and the view", () => {
  const where: Where = {
    from: "flakes",
    graphene: true,
    reviewed: false,
    layers: [1, 2],
    minP: 0.25,
    minAreaUm2: 100,
    maxAreaUm2: 5000,
    sort: "-p_graphene",
    isSingle: true,
    flake: 17,
    size: "large",
    isContrast: true,
    isOutlined: false,
  };

  expect(parseWhere(parsePlace(hrefOf(["review"], queryOf(where))).query)).toEqual(where);
});

test("the usual view has an empty query", () => {
  expect(hrefOf(["review"], queryOf(parse("")))).toBe("#/review");
});

test("what cannot be read in an address is left out", () => {
  const where = parse(
    "from=x&graphene=maybe&layers=1,two,0&min_p=-1&sort=name&flake=1.5&size=huge",
  );

  expect(where).toEqual({ ...parse(""), layers: [1] });
});

test("another view is the same list, another filter is another one", () => {
  expect(keyOf(parse("view=single&flake=3"), 1)).toBe(keyOf(parse(""), 1));
  expect(keyOf(parse("from=flakes&layers=1"), 1)).not.toBe(keyOf(parse("from=flakes"), 1));
  expect(keyOf(parse(""), 1)).not.toBe(keyOf(parse(""), undefined));
});

test("filters are counted, and none are left without them", () => {
  const where = parse("from=flakes&graphene=false&layers=1,2&min_p=0");

  expect(countFilters(where)).toBe(3);
  expect(countFilters({ ...where, ...NO_FILTERS })).toBe(0);
});

test("an empty field is no figure, 0 is one", () => {
  expect([figure(""), figure(" "), figure(null), figure("0"), figure("1e3")]).toEqual([
    null,
    null,
    null,
    0,
    1000,
  ]);
});
