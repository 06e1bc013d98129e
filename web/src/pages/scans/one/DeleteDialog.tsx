import { useState } from "preact/hooks";
import { api, got } from "~/api/client";
import type { Scan } from "~/pages/scans/words";
import { Confirm } from "~/parts/Dialog";
import * as format from "~/parts/format";
import { toast } from "~/parts/toast";
import { goTo, hrefOf } from "~/router";

interface Props {
  scan: Scan;
  isOpen: boolean;
  onClose: () => void;
}

/** Says what goes with a scan, and offers to keep what people said. */
export function DeleteDialog({ scan, isOpen, onClose }: Props) {
  const [keeps, setKeeps] = useState(true);
  const remove = async () => {
    const params = { path: { scan_id: scan.id }, query: { keep_labels: keeps } };
    const kept = await got(api.DELETE("/v1/scans/{scan_id}", { params }));
    const what = kept?.dataset ? " Its labels stay as a data set." : "";
    toast(`${scan.name} was deleted.${what}`);
    goTo(hrefOf(["scans"]));
  };
  const { tiles, flakes } = scan;
  return (
    <Confirm
      title={`Delete ${scan.name}?`}
      isOpen={isOpen}
      onClose={onClose}
      verb="Delete for good"
      onConfirm={remove}
    >
      <p>This goes, and does not come back:</p>
      <ul class="scans-goes">
        <li>
          {format.count(tiles.screened + tiles.failed + tiles.queued)} tiles with their images
        </li>
        <li>
          {format.count(flakes.graphene)} graphene flakes and {format.count(flakes.other)} others,
          with their reviews, notes and images of revisits
        </li>
        <li>what waits of it to be screened</li>
      </ul>
      <p>The folder that it came from is not touched.</p>
      <label class="scans-check">
        <input
          type="checkbox"
          checked={keeps}
          onChange={(event) => setKeeps(event.currentTarget.checked)}
        />
        Keep labels: what people were sure of becomes a data set, with the tiles that show it, and
        later trainings learn from it.
      </label>
    </Confirm>
  );
}
