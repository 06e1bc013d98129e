import { useChart } from "~/pages/map/chart";
import { MapView } from "~/pages/map/MapView";
import { useMapPlace } from "~/pages/map/use_place";
import { idAt, type PageProps } from "~/pages/page";
import { Empty, ProblemNote } from "~/parts/notes";
import { hrefOf } from "~/router";
import "./map.css";
import "./aside.css";
import "./overlay.css";

/** The chip of a scan: its tiles where they were taken, and what was found on them. */
export default function MapPage({ place }: PageProps) {
  const scanId = idAt(place, 1) ?? 0;
  // Another scan is another map: nothing of the one before may stay.
  return <Chip key={scanId} scanId={scanId} query={place.query} />;
}

function Chip({ scanId, query }: { scanId: number; query: URLSearchParams }) {
  const { place, change, sight } = useMapPlace(scanId, query);
  const chart = useChart(scanId, place.filter);
  const { scan, map, flakes } = chart;
  const problem = scan.problem ?? map.problem ?? flakes.problem;
  const isThere = scan.value && map.value?.extent;
  return (
    <div class="map-page">
      {problem && (
        <div class="map-problem">
          <ProblemNote
            problem={problem}
            onRetry={() => [scan, map, flakes].forEach((one) => void one.reload())}
          />
        </div>
      )}
      {scan.value && map.value && isThere ? (
        <MapView
          scan={scan.value}
          chip={map.value}
          flakes={flakes}
          place={place}
          change={change}
          sight={sight}
        />
      ) : (
        <div class="map-nothing">
          <h1>{scan.value?.name ?? "Chip map"}</h1>
          {!problem && !map.value && <p class="quiet">Loading…</p>}
          {map.value && !map.value.extent && (
            <Empty title="Nothing to show yet">
              <p>No tile of this scan has been screened. Tiles appear here as they are.</p>
              <a href={hrefOf(["scans", scanId])}>To the scan</a>
            </Empty>
          )}
        </div>
      )}
    </div>
  );
}
