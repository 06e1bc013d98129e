import { useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { asProblem, type Problem } from "~/api/problem";
import type { Scan } from "~/pages/scans/words";
import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { Field } from "~/parts/Field";
import * as format from "~/parts/format";
import { ProblemNote } from "~/parts/notes";
import { toast } from "~/parts/toast";

interface Props {
  scan: Scan;
  isOpen: boolean;
  onClose: () => void;
  onStarted: (scan: Scan) => void;
}

/** Asks which tiles are screened again, and by what. */
export function RescreenDialog({ isOpen, ...rest }: Props) {
  return (
    <Dialog title="Screen again" isOpen={isOpen} onClose={rest.onClose}>
      <Form {...rest} />
    </Dialog>
  );
}

function Form({ scan, onClose, onStarted }: Omit<Props, "isOpen">) {
  const lacking = scan.tiles.failed + scan.tiles.queued;
  const [missing, setMissing] = useState(lacking > 0);
  const [version, setVersion] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const models = useLoaded("models", () => got(api.GET("/v1/models")));
  const start = async () => {
    const params = { path: { scan_id: scan.id } };
    const body = { missing, model_version: version || null };
    try {
      onStarted(await got(api.POST("/v1/scans/{scan_id}/rescreen", { params, body })));
    } catch (error) {
      setProblem(asProblem(error));
      return;
    }
    toast("Screening begins.");
    onClose();
  };
  const which = (isMissing: boolean, words: string) => (
    <label class="scans-check">
      <input
        type="radio"
        name="which"
        checked={missing === isMissing}
        onChange={() => setMissing(isMissing)}
      />
      {words}
    </label>
  );
  return (
    <div class="stack">
      <fieldset class="scans-choice">
        <legend>Which tiles</legend>
        {which(false, "All tiles")}
        {which(true, `Only those without a result (${format.count(lacking)})`)}
      </fieldset>
      <Field label="Model version" hint="Reviews stay with their flakes.">
        {(wire) => (
          <select
            {...wire}
            value={version}
            onChange={(event) => setVersion(event.currentTarget.value)}
          >
            <option value="">the active one</option>
            {(models.value?.items ?? []).map((one) => (
              <option key={one.version} value={one.version}>
                {one.version}
                {one.is_active ? " (active)" : ""}
              </option>
            ))}
          </select>
        )}
      </Field>
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <Button onClick={onClose}>Leave</Button>
        <Button kind="main" onClick={start}>
          Screen again
        </Button>
      </div>
    </div>
  );
}
