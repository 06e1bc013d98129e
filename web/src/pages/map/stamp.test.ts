import { expect, test } from "vitest";
import { type Pixels, stamp } from "~/pages/map/stamp";

function empty(width: number, height: number): Pixels {
  return { data: new Uint8ClampedArray(4 * width * height), width, height };
}

function full(colour: readonly number[]): Pixels {
  return {
    data: Uint8ClampedArray.from([...colour, ...colour, ...colour, ...colour]),
    width: 2,
    height: 2,
  };
}

function at({ data, width }: Pixels, x: number, y: number): number[] {
  return [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
}

test("a mark lies where it is put, and nowhere else", () => {
  const ground = empty(4, 3);
  stamp(ground, full([10, 20, 30, 255]), 2, 1);
  expect(at(ground, 2, 1)).toEqual([10, 20, 30, 255]);
  expect(at(ground, 3, 2)).toEqual([10, 20, 30, 255]);
  expect(at(ground, 1, 1)).toEqual([0, 0, 0, 0]);
  expect(at(ground, 2, 0)).toEqual([0, 0, 0, 0]);
});

test("what reaches beyond the picture is left out", () => {
  const ground = empty(3, 3);
  stamp(ground, full([1, 2, 3, 255]), -1, 2);
  expect(at(ground, 0, 2)).toEqual([1, 2, 3, 255]);
  expect(ground.data.filter((value) => value === 255)).toHaveLength(1);
});

test("half of a colour lets half of the one below through", () => {
  const ground = empty(2, 2);
  stamp(ground, full([200, 0, 0, 255]), 0, 0);
  stamp(ground, full([0, 100, 0, 51]), 0, 0);
  expect(at(ground, 0, 0)).toEqual([160, 20, 0, 255]);
});

test("over nothing a colour keeps its opacity", () => {
  const ground = empty(2, 2);
  stamp(ground, full([200, 100, 0, 100]), 0, 0);
  expect(at(ground, 1, 1)).toEqual([200, 100, 0, 100]);
});
