import { FlatField } from "~/pages/scans/one/FlatField";
import { Known } from "~/pages/scans/one/Known";
import { PlacementCheck } from "~/pages/scans/one/PlacementCheck";
import { Tie } from "~/pages/scans/one/Tie";
import type { Scan } from "~/pages/scans/words";

interface Props {
  scan: Scan;
  onChanged: (scan: Scan) => void;
}

/** What can be put right after a scan has come. */
export function Correct(props: Props) {
  return (
    <div class="scans-cards">
      <Known {...props} />
      <Tie scan={props.scan} />
      <PlacementCheck {...props} />
      <FlatField {...props} />
    </div>
  );
}
