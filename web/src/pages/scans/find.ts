/** Which scans are listed, and in which order. */
import type { Scan } from "~/pages/scans/words";

export type Order = "newest" | "oldest" | "name" | "graphene";

export interface Asked {
  text: string;
  order: Order;
}

/** The list as the service gives it. */
export const ALL: Asked = { text: "", order: "newest" };

/** Scans whose name, material or source has every word, in an order. */
export function findScans(scans: readonly Scan[], { text, order }: Asked): Scan[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = scans.filter((scan) => {
    const told = [scan.name, scan.material, scan.source].join(" ").toLowerCase();
    return words.every((word) => told.includes(word));
  });
  return found.toSorted((a, b) => ORDERS[order](a, b) || b.id - a.id);
}

const ORDERS: Record<Order, (a: Scan, b: Scan) => number> = {
  newest: (a, b) => b.id - a.id,
  oldest: (a, b) => a.id - b.id,
  name: (a, b) => a.name.localeCompare(b.name, "en", { numeric: true }),
  graphene: (a, b) => b.flakes.graphene - a.flakes.graphene,
};
