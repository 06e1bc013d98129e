import { useState } from "preact/hooks";
import { Button } from "~/parts/Button";
import { Field } from "~/parts/Field";

/** Against the gate: only for who types the version's name. */
export function Force({ version, onForce }: { version: string; onForce: () => Promise<void> }) {
  const [typed, setTyped] = useState("");
  const reason = typed.trim() === version ? null : "Type the name of the version first.";
  return (
    <details>
      <summary>Promote it all the same</summary>
      <div class="stack models-below">
        <p>
          Every new tile of everybody in the lab is then judged by a version that the gate has
          refused: flakes may be missed, or residue called graphene. The gate's reasons and your
          name are recorded with the version and in the audit log. <em>Roll back</em> undoes it for
          tiles to come, not for those screened meanwhile.
        </p>
        <Field label={`Type ${version} to go on`}>
          {(wire) => (
            <input
              {...wire}
              autocomplete="off"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
        <Button kind="danger" reason={reason} onClick={onForce}>
          Promote against the gate
        </Button>
      </div>
    </details>
  );
}
