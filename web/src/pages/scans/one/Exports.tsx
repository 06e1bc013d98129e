import { urlOf } from "~/api/client";
import type { Scan } from "~/pages/scans/words";
import { download } from "~/parts/download";
import { Note } from "~/parts/notes";
import { Table } from "~/parts/Table";
import { hrefOf } from "~/router";

interface Format {
  key: string;
  name: string;
  what: string;
}

const FORMATS: readonly Format[] = [
  { key: "csv", name: "Table (CSV)", what: "A line for each flake: Excel, Origin, pandas" },
  {
    key: "pos",
    name: "Micro-Manager position list (.pos)",
    what: "Drive to the flakes with Micro-Manager",
  },
  {
    key: "nis",
    name: "NIS-Elements points (.xml)",
    what: "Drive to the flakes with Nikon's software",
  },
  { key: "useq", name: "useq positions (.json)", what: "Drive to the flakes with pymmcore-plus" },
  { key: "gds", name: "GDSII outlines", what: "Lithography: KLayout, Raith, Elionix" },
  {
    key: "geojson",
    name: "GeoJSON outlines",
    what: "Outlines in µm of the stage: QGIS, geopandas",
  },
  { key: "pdf", name: "Report (PDF)", what: "Facts, map, table and pictures, to print" },
  { key: "json", name: "JSON", what: "Every field, with outlines: for programs" },
  { key: "coco", name: "COCO annotations", what: "Training of other networks" },
  {
    key: "zip",
    name: "Everything (ZIP)",
    what: "All of these, with a picture of each flake: the archive",
  },
];

// Refused where positions are unknown.
const OF_PLACES = new Set(["pos", "nis", "useq", "gds", "geojson"]);

const fileOf = (scan: Scan, key: string) => urlOf(`/v1/scans/${scan.id}/export/${key}`);

/** The scan's flakes as files for other programs. */
export function Exports({ scan }: { scan: Scan }) {
  const hasPlaces = scan.um_per_px !== null || scan.affine !== null;
  return (
    <div class="stack">
      <p>
        What counts as graphene: by the latest review where there is one, else by the model. To
        export a choice by area, layers or p, filter on the map and download there.
      </p>
      {!hasPlaces && (
        <Note kind="warn">
          The scale of this scan is unknown. Formats with positions (pos, nis, useq, gds, geojson)
          only work where each tile brings its own.{" "}
          <a href={hrefOf(["scans", scan.id], { tab: "correct" })}>Give it the scale</a>
        </Note>
      )}
      <Table
        caption="Formats"
        rows={FORMATS}
        keyOf={({ key }) => key}
        columns={[
          {
            head: "File",
            cell: ({ key, name }) => (
              <a
                href={fileOf(scan, key)}
                download
                onClick={OF_PLACES.has(key) ? download : undefined}
              >
                {name}
              </a>
            ),
          },
          { head: "For", cell: ({ what }) => what },
        ]}
      />
    </div>
  );
}
