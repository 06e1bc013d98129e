import { api, got } from "~/api/client";
import { useEvents } from "~/api/events";
import { useLoaded } from "~/api/loaded";
import { PromoteButton } from "~/pages/models/PromoteButton";
import { hrefOf } from "~/router";

/** What to do with the version that a training came to. */
export function Next({ version }: { version: string }) {
  const models = useLoaded("models", () => got(api.GET("/v1/models")));
  useEvents("model_promoted", models.reload);

  const active = models.value?.items.find(({ is_active }) => is_active);
  const isActive = active?.version === version;
  const rival = isActive ? active.replaced_version : active?.version;
  return (
    <>
      <a class="button" href={hrefOf(["models", version])}>
        Its version
      </a>
      {rival && (
        <a class="button" href={hrefOf(["models"], { compare: `${rival},${version}` })}>
          Compare with {isActive ? rival : "active"}
        </a>
      )}
      <PromoteButton version={version} isActive={isActive} onDone={models.reload} />
    </>
  );
}
