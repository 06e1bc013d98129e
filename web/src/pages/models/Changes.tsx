import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { ChangeTable } from "~/pages/models/ChangeTable";
import type { Model } from "~/pages/models/facts";
import { Rescreen } from "~/pages/models/Rescreen";
import { Field } from "~/parts/Field";
import { Empty, Note, Shown } from "~/parts/notes";

interface Props {
  model: Model;
  query: URLSearchParams;
  onChoose: (change: Record<string, string | null>) => void;
}

const MOST_SCANS = 100;

/** What this version says differently of a scan's flakes. */
export function Changes({ model, query, onChoose }: Props) {
  const load = () =>
    Promise.all([
      got(api.GET("/v1/models")),
      got(api.GET("/v1/scans", { params: { query: { limit: MOST_SCANS } } })),
    ]);
  const known = useLoaded("models and scans", load);
  return (
    <Shown loaded={known}>
      {([models, scans]) => {
        const others = models.items.filter(({ version }) => version !== model.version);
        const asked = query.get("from") ?? model.replaced_version;
        const from = others.find(({ version }) => version === asked) ?? others[0];
        const scan = scans.items.find(({ id }) => String(id) === query.get("scan"));
        if (!from) return <Note>There is no other version to compare its verdicts with.</Note>;
        if (scans.items.length === 0) return <Empty title="No scan yet" />;
        return (
          <div class="stack">
            <div class="row models-form">
              <Field label="Scan">
                {(wire) => (
                  <select
                    {...wire}
                    value={scan ? String(scan.id) : ""}
                    onChange={(event) => onChoose({ scan: event.currentTarget.value || null })}
                  >
                    <option value="">Choose a scan</option>
                    {scans.items.map(({ id, name }) => (
                      <option key={id} value={String(id)}>
                        {id}: {name}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              <Field label="Compared with">
                {(wire) => (
                  <select
                    {...wire}
                    value={from.version}
                    onChange={(event) => onChoose({ from: event.currentTarget.value })}
                  >
                    {others.map(({ version }) => (
                      <option key={version} value={version}>
                        {version}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              {scan && <Rescreen scan={scan} version={model.version} />}
            </div>
            {scan ? (
              <ChangeTable
                key={`${scan.id} ${from.version}`}
                scanId={scan.id}
                before={from.version}
                after={model.version}
              />
            ) : (
              <p class="quiet">
                Choose a scan to see which of its flakes {model.version} judges differently. Only
                tiles that both versions have screened are compared.
              </p>
            )}
          </div>
        );
      }}
    </Shown>
  );
}
