import { api, got, type Schemas } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { type ScanWarning, warningsOf } from "~/pages/scans/warnings";
import { Button } from "~/parts/Button";
import { toast } from "~/parts/toast";
import { hrefOf } from "~/router";

type Scan = Schemas["Scan"];

/** The warnings of a scan, wherever its coordinates are taken. */
export function useScanWarnings(scan: Scan): readonly ScanWarning[] {
  const optics = useLoaded(`optics ${scan.id} ${scan.state} ${scan.oxide_nm}`, () =>
    got(api.GET("/v1/scans/{scan_id}/optics", { params: { path: { scan_id: scan.id } } })),
  );
  return warningsOf(scan, optics.value);
}

interface Props {
  scan: Scan;
  warning: ScanWarning;
  onChanged?: (scan: Scan) => void;
}

/** One warning, with a way to its tiles and to put it right. */
export function ScanWarningText({ scan, warning, onChanged }: Props) {
  const { text, tiles = [], oxideNm } = warning;
  const correct = async () => {
    const body = { oxide_nm: oxideNm } as Schemas["ScanChanges"];
    const params = { path: { scan_id: scan.id } };
    const changed = await got(api.PATCH("/v1/scans/{scan_id}", { params, body }));
    onChanged?.(changed);
    toast(`The oxide is ${oxideNm} nm now. Screen the scan again, and layers are read by it.`);
  };
  return (
    <>
      <span>{text}</span>
      {tiles.map(({ id, name }) => (
        <a key={id} href={hrefOf(["scans", scan.id, "map"], { tile: id })}>
          {name}
        </a>
      ))}
      {oxideNm !== undefined && onChanged && (
        <Button onClick={correct}>{`Say ${oxideNm} nm`}</Button>
      )}
    </>
  );
}
