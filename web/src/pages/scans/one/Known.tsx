import { useState } from "preact/hooks";
import { api, got, type Schemas } from "~/api/client";
import { SubstrateField } from "~/pages/scans/upload/SaidFields";
import type { Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";
import { NumberField, readNumber } from "~/parts/NumberField";
import { toast } from "~/parts/toast";

interface Props {
  scan: Scan;
  onChanged: (scan: Scan) => void;
}

/** Name, oxide, material and substrate, to be changed. */
export function Known({ scan, onChanged }: Props) {
  const [name, setName] = useState(scan.name);
  const [oxide, setOxide] = useState(scan.oxide_nm === null ? "" : String(scan.oxide_nm));
  const [material, setMaterial] = useState(scan.material ?? "");
  const [substrate, setSubstrate] = useState(
    scan.substrate_id === null ? "" : String(scan.substrate_id),
  );
  const oxide_nm = readNumber(oxide);
  const save = async () => {
    // Only these: a field that is sent is a field that changes.
    const body = {
      name: name.trim(),
      oxide_nm,
      material: material.trim() || null,
      substrate_id: substrate ? Number(substrate) : null,
    } as Schemas["ScanChanges"];
    const params = { path: { scan_id: scan.id } };
    onChanged(await got(api.PATCH("/v1/scans/{scan_id}", { params, body })));
    toast("Saved. It counts for tiles that come, and for all after screening again.");
  };
  return (
    <form class="card stack" onSubmit={(event) => event.preventDefault()}>
      <h2>What is known of it</h2>
      <Field label="Name">
        {(wire) => (
          <input {...wire} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        )}
      </Field>
      <NumberField label="Oxide in nm" hint="Empty: unknown." value={oxide} onValue={setOxide} />
      <Field label="Material">
        {(wire) => (
          <input
            {...wire}
            value={material}
            onInput={(event) => setMaterial(event.currentTarget.value)}
          />
        )}
      </Field>
      <SubstrateField value={substrate} onValue={setSubstrate} />
      <Button kind="main" type="submit" reason={whyNot(name, oxide_nm)} onClick={save}>
        Save
      </Button>
      <p class="small quiet">
        An unknown scale is given beside this. A known one cannot be changed: the search for flakes
        hangs on it. Bring the scan in again with the right one.
      </p>
    </form>
  );
}

function whyNot(name: string, oxide_nm: number | null | undefined): string | null {
  if (!name.trim()) return "Give it a name first.";
  return oxide_nm === undefined ? "The oxide must be a number above 0." : null;
}
