import { useState } from "preact/hooks";
import type { FailedTiles } from "~/pages/map/failed";
import type { ChipMap, MapFlakes, Scan } from "~/pages/map/types";
import type { Measuring } from "~/pages/map/use_measure";
import { ScanWarningText, useScanWarnings } from "~/pages/scans/ScanWarnings";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import * as format from "~/parts/format";

interface Props {
  scan: Scan;
  chip: ChipMap;
  flakes: MapFlakes | undefined;
  failed: FailedTiles;
  measure: Measuring;
}

/** What has to be said about this map, and what is being measured. */
export function Remarks({ scan, chip, flakes, failed, measure }: Props) {
  const [isOpen, setOpen] = useState(false);
  const remarks = remarksOf(chip, flakes);
  const warnings = useScanWarnings(scan);
  return (
    <div class="map-remarks">
      {measure.what && (
        <div class="map-remark is-measure">
          <strong>{measure.text || (measure.what === "area" ? "Area" : "Distance")}</strong>
          <span class="small">Click points, double click ends. Esc closes.</span>
          <Button kind="plain" onClick={measure.stop}>
            Close
          </Button>
        </div>
      )}
      {remarks.map((remark) => (
        <div key={remark} class="map-remark">
          {remark}
        </div>
      ))}
      {warnings.length > 0 && (
        <details class="map-remark">
          <summary>{count(warnings.length, "warning")} about this scan</summary>
          <ul>
            {warnings.map((warning) => (
              <li key={warning.text}>
                <ScanWarningText scan={scan} warning={warning} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {failed.tiles.length > 0 && (
        <div class="map-remark is-bad">
          <span>{count(failed.tiles.length, "tile")} failed and could not be screened.</span>
          <Button kind="plain" onClick={() => setOpen(true)}>
            Why
          </Button>
        </div>
      )}
      <Dialog title="Failed tiles" isOpen={isOpen} onClose={() => setOpen(false)}>
        <ul class="map-failed">
          {failed.tiles.slice(0, MOST_FAILED).map((tile) => (
            <li key={tile.id}>
              <strong>{tile.name ?? `Tile ${tile.id}`}</strong>
              <p>{tile.error ?? "The reason is not known."}</p>
            </li>
          ))}
        </ul>
        {failed.tiles.length > MOST_FAILED && (
          <p class="quiet">and {failed.tiles.length - MOST_FAILED} more.</p>
        )}
        <div class="dialog-end">
          <Button onClick={() => setOpen(false)}>Close</Button>
        </div>
      </Dialog>
    </div>
  );
}

const MOST_FAILED = 200;

function remarksOf(chip: ChipMap, flakes: MapFlakes | undefined): string[] {
  const remarks: (string | false)[] = [
    chip.laid_out === "grid" &&
      "The stage positions of this scan are unknown. Its tiles lie side by side, in pixels: distances across tiles mean nothing.",
    chip.tiles_without_place > 0 &&
      `${count(chip.tiles_without_place, "tile")} of unknown place or scale are not on the map.`,
    flakes?.is_complete === false &&
      `Only the ${format.count(flakes.most_flakes)} largest of ${format.count(flakes.total)} flakes are here. A filter by area or p shows others.`,
    chip.tiles_without_picture > 0 &&
      `Making small pictures: ${format.count(chip.tiles_without_picture)} to go.`,
  ];
  return remarks.filter((remark) => remark !== false);
}

function count(number: number, noun: string): string {
  return `${format.count(number)} ${noun}${number === 1 ? "" : "s"}`;
}
