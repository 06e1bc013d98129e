import { api, got } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { useLoaded } from "~/api/loaded";
import { Changes } from "~/pages/models/Changes";
import { CropsSwitch } from "~/pages/models/CropsSwitch";
import type { Model } from "~/pages/models/facts";
import type { On } from "~/pages/models/judged";
import { Misses } from "~/pages/models/Misses";
import { Origin } from "~/pages/models/Origin";
import { PromoteButton } from "~/pages/models/PromoteButton";
import { Quality } from "~/pages/models/Quality";
import type { PageProps } from "~/pages/page";
import { Shown } from "~/parts/notes";
import { type Tab, Tabs } from "~/parts/Tabs";
import { hrefOf, replacePlace } from "~/router";

/** One model version. */
export function Version({ version, place }: PageProps & { version: string }) {
  const params = { path: { version } };
  const model = useLoaded(version, () => got(api.GET("/v1/models/{version}", { params })));
  useEvents("model_promoted", model.reload);
  useReopened(model.reload);

  const isActive = model.value?.is_active ?? false;
  const go = (change: Record<string, string | null>) => {
    const query = { ...Object.fromEntries(place.query), ...change };
    replacePlace(hrefOf(["models", version], query));
  };
  return (
    <>
      <div class="page-head">
        <div class="row">
          <h1>{version}</h1>
          {isActive && <span class="badge is-good">active</span>}
        </div>
        <div class="row">
          <a href={hrefOf(["models"])}>All versions</a>
          {model.value && <CompareLink model={model.value} />}
          <PromoteButton version={version} isActive={isActive} onDone={model.reload} />
        </div>
      </div>
      <Shown loaded={model}>
        {(one) => (
          <Tabs
            label={`About ${version}`}
            tabs={tabsOf(one, place.query, go)}
            open={place.query.get("tab") ?? "figures"}
            onOpen={(tab) => go({ tab: tab === "figures" ? null : tab })}
          />
        )}
      </Shown>
    </>
  );
}

function tabsOf(
  model: Model,
  query: URLSearchParams,
  go: (change: Record<string, string | null>) => void,
): Tab[] {
  const { version } = model;
  const on: On = query.get("on") === "reviews" ? "reviews" : "holdout";
  const crops = <CropsSwitch on={on} onChange={(to) => go({ on: to === "holdout" ? null : to })} />;
  return [
    {
      key: "figures",
      label: "Figures",
      show: () => <Quality version={version} on={on} crops={crops} />,
    },
    {
      key: "misses",
      label: "Misses",
      show: () => <Misses version={version} on={on} crops={crops} />,
    },
    { key: "origin", label: "Origin and gate", show: () => <Origin model={model} /> },
    {
      key: "changes",
      label: "What changed",
      show: () => <Changes model={model} query={query} onChoose={go} />,
    },
  ];
}

function CompareLink({ model }: { model: Model }) {
  const models = useLoaded("models", () => got(api.GET("/v1/models")));
  const active = models.value?.items.find(({ is_active }) => is_active)?.version;
  const base = model.is_active ? model.replaced_version : active;
  if (!base) return null;
  return (
    <a class="button" href={hrefOf(["models"], { compare: [base, model.version].join(",") })}>
      Compare with {base}
    </a>
  );
}
