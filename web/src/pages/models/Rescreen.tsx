import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { Button } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import { toast } from "~/parts/toast";
import { hrefOf } from "~/router";

interface Props {
  scan: Schemas["Scan"];
  version: string;
}

/** Lets a version screen a scan that another one has screened. */
export function Rescreen({ scan, version }: Props) {
  const [isAsking, setAsking] = useState(false);
  const rescreen = async () => {
    const params = { path: { scan_id: scan.id } };
    const body = { model_version: version, missing: false };
    await got(api.POST("/v1/scans/{scan_id}/rescreen", { params, body }));
    toast(`${scan.name} waits to be screened by ${version}.`);
  };
  return (
    <>
      <Button onClick={() => setAsking(true)}>Screen it with {version}</Button>
      <a href={hrefOf(["scans", scan.id])}>To the scan</a>
      <Confirm
        title={`Screen ${scan.name} with ${version}?`}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        verb="Screen it again"
        onConfirm={rescreen}
      >
        <p>
          All {scan.tiles.expected ?? "its"} tiles are judged anew, and the scan's flakes then show
          the verdicts of {version}. Reviews are kept; what changes is listed here.
        </p>
      </Confirm>
    </>
  );
}
