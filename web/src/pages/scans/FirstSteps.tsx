import { BASE } from "~/api/client";
import { Empty } from "~/parts/notes";

/** What somebody does first who has no scan yet. */
export function FirstSteps() {
  const service = BASE.replace(/\/$/, "");
  return (
    <Empty title="No scan yet">
      <p>One of these brings in the first one.</p>
      <dl class="scans-first">
        <dt>A folder of tiles on this computer</dt>
        <dd>
          Drag it onto this page. Images with a table of positions, Micro-Manager, Leica, Nikon,
          Zeiss and OME-TIFF are found by themselves.
        </dd>
        <dt>A microscope that scans now</dt>
        <dd>
          Let it be watched; each tile is screened as soon as it is written.
          <code>flakescope watch "D:\scans\chip 12" --url {service}</code>
        </dd>
        <dt>A script</dt>
        <dd>
          <code>curl {service}/v1/scans/upload -F archive=@chip12.zip -F oxide_nm=90</code>
        </dd>
      </dl>
    </Empty>
  );
}
