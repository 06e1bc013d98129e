import { urlOf } from "~/api/client";
import type { Scan } from "~/pages/scans/words";

/** The whole scan as one small picture. */
export function Thumb({ scan, px }: { scan: Scan; px: number }) {
  // Before the first tile has its result there is no picture to ask for.
  if (scan.tiles.screened === 0) return <span class="scans-thumb is-empty" aria-hidden="true" />;
  // While a scan grows its picture does, too: a new one for each doubling of its tiles, and at its end.
  const grown = scan.state === "done" ? "done" : Math.floor(Math.log2(scan.tiles.screened));
  const address = urlOf(`/v1/scans/${scan.id}/map/overview`, { max_px: px, grown });
  return <img class="scans-thumb" src={address} alt="" loading="lazy" decoding="async" />;
}
