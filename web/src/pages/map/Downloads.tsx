import { urlOf } from "~/api/client";
import { exportQuery } from "~/pages/map/choice";
import type { MapPlace } from "~/pages/map/place";
import type { Scan } from "~/pages/map/types";
import { useScanWarnings } from "~/pages/scans/ScanWarnings";
import { CloseDialog, Dialog } from "~/parts/Dialog";
import { download } from "~/parts/download";
import * as format from "~/parts/format";
import { Note } from "~/parts/notes";

const FORMATS: readonly { format: string; name: string; words: string }[] = [
  { format: "csv", name: "Table (CSV)", words: "positions, areas, layers; opens in Excel, Origin" },
  { format: "pos", name: "Micro-Manager (.pos)", words: "position list" },
  { format: "nis", name: "NIS-Elements", words: "multipoints of Nikon" },
  { format: "useq", name: "useq", words: "positions for pymmcore-plus" },
  { format: "gds", name: "GDSII", words: "outlines for lithography" },
  { format: "geojson", name: "GeoJSON", words: "outlines in \u00b5m" },
  { format: "pdf", name: "Report (PDF)", words: "to print" },
  { format: "json", name: "JSON", words: "everything that is known" },
  { format: "coco", name: "COCO", words: "annotations for training" },
  { format: "zip", name: "Crops (ZIP)", words: "pictures with a table" },
];

interface Props {
  scan: Scan;
  place: MapPlace;
  shown: number;
  isOpen: boolean;
  onClose: () => void;
}

/** Positions and outlines of the flakes that are shown, in the formats of the lab's programs. */
export function Downloads({ scan, place, shown, isOpen, onClose }: Props) {
  const warnings = useScanWarnings(scan);
  const query = exportQuery(place.filter, place.sort);
  return (
    <Dialog title="Download" isOpen={isOpen} onClose={onClose}>
      <p>
        With the filters of the map: {format.count(shown)} {shown === 1 ? "flake" : "flakes"}.
      </p>
      {warnings.map((warning) => (
        <Note key={warning.text} kind="warn">
          {warning.text}
        </Note>
      ))}
      {place.filter.shown === "other" && (
        <p class="quiet small">
          Exports take “other” from the model alone, so reviewed flakes may differ.
        </p>
      )}
      <ul class="map-downloads">
        {FORMATS.map((one) => (
          <li key={one.format}>
            <a
              href={urlOf(`/v1/scans/${scan.id}/export/${one.format}`, query)}
              download
              onClick={download}
            >
              {one.name}
            </a>{" "}
            <span class="quiet small">{one.words}</span>
          </li>
        ))}
      </ul>
      <CloseDialog onClose={onClose} />
    </Dialog>
  );
}
