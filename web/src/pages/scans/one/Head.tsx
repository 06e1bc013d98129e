import { useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useAdminReason } from "~/api/session";
import { DeleteDialog } from "~/pages/scans/one/DeleteDialog";
import { RescreenDialog } from "~/pages/scans/one/RescreenDialog";
import type { Mark } from "~/pages/scans/pace";
import { ScanProgress, StateBadge } from "~/pages/scans/ScanRow";
import { Thumb } from "~/pages/scans/Thumb";
import { isRunning, type Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import * as format from "~/parts/format";
import { toast } from "~/parts/toast";
import { hrefOf } from "~/router";

interface Props {
  scan: Scan;
  marks: readonly Mark[];
  onChanged: (scan: Scan) => void;
}

/** Picture, name and state of a scan, where to go from it, and what to do with it. */
export function Head({ scan, marks, onChanged }: Props) {
  return (
    <div class="scans-one-head">
      <Thumb scan={scan} px={256} />
      <div class="stack scans-one-name">
        <div>
          <a class="small" href={hrefOf(["scans"])}>
            All scans
          </a>
          <h1>{scan.name}</h1>
        </div>
        <div class="row small">
          <StateBadge scan={scan} />
          <span class="quiet">
            Scan {scan.id}, begun {format.moment(scan.created_at)}
          </span>
        </div>
        {isRunning(scan) && <ScanProgress scan={scan} marks={marks} now={Date.now()} />}
        <div class="row">
          <Ways scan={scan} />
          <Deeds scan={scan} onChanged={onChanged} />
        </div>
      </div>
    </div>
  );
}

function Ways({ scan }: { scan: Scan }) {
  return (
    <nav class="row" aria-label="Views of this scan">
      <a class="button is-main" href={hrefOf(["scans", scan.id, "map"])}>
        Map
      </a>
      <a class="button" href={hrefOf(["scans", scan.id, "review"])}>
        Review
      </a>
      <a class="button" href={hrefOf(["scans", scan.id, "live"])}>
        Live
      </a>
    </nav>
  );
}

function Deeds({ scan, onChanged }: Omit<Props, "marks">) {
  const [asks, setAsks] = useState<"rescreen" | "delete" | null>(null);
  const noAdmin = useAdminReason();
  const close = () => setAsks(null);
  const runs = isRunning(scan);
  const cancel = async () => {
    const path = { scan_id: scan.id };
    onChanged(await got(api.POST("/v1/scans/{scan_id}/cancel", { params: { path } })));
    toast("Cancelled. What was found stays.");
  };
  return (
    <div class="row">
      {runs && <Button onClick={cancel}>Cancel screening</Button>}
      <Button
        onClick={() => setAsks("rescreen")}
        reason={runs ? "It is being screened: wait for it, or cancel it." : null}
      >
        Screen again…
      </Button>
      <Button kind="danger" reason={noAdmin} onClick={() => setAsks("delete")}>
        Delete…
      </Button>
      <RescreenDialog
        scan={scan}
        isOpen={asks === "rescreen"}
        onClose={close}
        onStarted={onChanged}
      />
      <DeleteDialog scan={scan} isOpen={asks === "delete"} onClose={close} />
    </div>
  );
}
