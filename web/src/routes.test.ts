import { describe, expect, it } from "vitest";
import { routeOf } from "~/routes";

describe("routes", () => {
  it("opens the list of scans where nothing is named", () => {
    expect(routeOf([]).title).toBe("Scans");
  });

  it("tells the views of a scan apart", () => {
    expect(routeOf(["scans", "12", "map"]).title).toBe("Map");
    expect(routeOf(["scans", "12"]).title).toBe("Scan");
  });

  it("says so where there is no such page", () => {
    expect(routeOf(["scans", "12", "nothing"]).title).toBe("Not found");
  });
});
