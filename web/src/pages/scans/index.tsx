import "./scans.css";
import { idAt, type PageProps } from "~/pages/page";
import { ScanPage } from "~/pages/scans/one/ScanPage";
import { ScanList } from "~/pages/scans/ScanList";
import { Empty } from "~/parts/notes";
import { hrefOf } from "~/router";

export default function Scans({ place }: PageProps) {
  const scanId = idAt(place, 1);
  if (scanId !== undefined) return <ScanPage key={scanId} scanId={scanId} place={place} />;
  if (place.path[1] === undefined) return <ScanList />;
  return (
    <>
      <h1>Scan</h1>
      <Empty title="This is no number of a scan">
        <a href={hrefOf(["scans"])}>All scans</a>
      </Empty>
    </>
  );
}
