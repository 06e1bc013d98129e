import { NETWORKS, WARM } from "~/pages/trainings/asked";
import type { FormProps } from "~/pages/trainings/known";
import { Field } from "~/parts/Field";

/** Which network, and what it begins with. */
export function NetworkFields({ asked, known, onChange }: FormProps) {
  const isWarm = asked.architecture === WARM;
  const bases = known.models.filter(
    // Where it is not told the service looks into the file, and says so if it cannot go on.
    ({ architecture }) => architecture === null || architecture === WARM,
  );
  return (
    <>
      <Field
        label="Network"
        hint="Only flakenet goes on from what a version knows; the others begin anew and need many more pictures and hours."
      >
        {(wire) => (
          <select
            {...wire}
            value={asked.architecture}
            onChange={(event) => onChange({ architecture: event.currentTarget.value })}
          >
            {NETWORKS.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      {isWarm && (
        <Field label="Begins with" hint="The weights that it goes on from.">
          {(wire) => (
            <select
              {...wire}
              value={asked.base}
              onChange={(event) => onChange({ base: event.currentTarget.value })}
            >
              <option value="">the active version ({known.active ?? "none"})</option>
              {bases
                .filter(({ version }) => version !== known.active)
                .map(({ version }) => (
                  <option key={version} value={version}>
                    {version}
                  </option>
                ))}
              <option value="scratch">random weights: it begins anew</option>
            </select>
          )}
        </Field>
      )}
    </>
  );
}
