import { useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useEvents, useReopened } from "~/api/events";
import { useLoaded } from "~/api/loaded";
import { useAdminReason } from "~/api/session";
import { Compare } from "~/pages/models/Compare";
import { chosenOf } from "~/pages/models/comparison";
import type { Model } from "~/pages/models/facts";
import { Promote } from "~/pages/models/Promote";
import { RollBack } from "~/pages/models/RollBack";
import { SectionNav } from "~/pages/models/SectionNav";
import { UploadModel } from "~/pages/models/UploadModel";
import { VersionTable } from "~/pages/models/VersionTable";
import type { PageProps } from "~/pages/page";
import { Button } from "~/parts/Button";
import { Shown } from "~/parts/notes";
import { hrefOf, replacePlace } from "~/router";

/** Every model version; two or more of them side by side. */
export function ModelList({ place }: PageProps) {
  const models = useLoaded("models", () => got(api.GET("/v1/models")));
  const reason = useAdminReason();
  const [isUploading, setUploading] = useState(false);
  const [promoting, setPromoting] = useState<Model | null>(null);
  useEvents("model_promoted", models.reload);
  useReopened(models.reload);

  const items = models.value?.items ?? [];
  const compared = chosenOf(
    place.query.get("compare"),
    items.map(({ version }) => version),
  );
  const on = place.query.get("on") === "reviews" ? "reviews" : "holdout";
  const look = (versions: readonly string[], crops: string = on) =>
    replacePlace(
      hrefOf(["models"], {
        compare: versions.join(","),
        on: crops === "holdout" ? null : crops,
      }),
    );

  return (
    <>
      <div class="page-head">
        <h1>Models</h1>
        <div class="row">
          <RollBack models={items} onDone={models.reload} />
          <Button reason={reason} onClick={() => setUploading(true)}>
            Upload a network
          </Button>
          <a class="button is-main" href={hrefOf(["trainings"], { start: true })}>
            Train a new version
          </a>
        </div>
      </div>
      <SectionNav at="models" />
      <Shown loaded={models}>
        {() => (
          <div class="stack">
            <VersionTable
              models={items}
              compared={compared}
              onCompare={look}
              onPromote={setPromoting}
            />
            <Compare
              versions={compared}
              on={on}
              onCrops={(crops) => look(compared, crops)}
              isAlone={items.length < 2}
            />
          </div>
        )}
      </Shown>
      <UploadModel
        isOpen={isUploading}
        onClose={() => setUploading(false)}
        onDone={models.reload}
      />
      <Promote model={promoting} onClose={() => setPromoting(null)} onDone={models.reload} />
    </>
  );
}
