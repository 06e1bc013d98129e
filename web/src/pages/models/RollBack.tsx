import { useState } from "preact/hooks";
import { api, got } from "~/api/client";
import { useAdminReason } from "~/api/session";
import type { Model } from "~/pages/models/facts";
import { Button } from "~/parts/Button";
import { Confirm } from "~/parts/Dialog";
import { toast } from "~/parts/toast";

/** Back to the version that the active one replaced. */
export function RollBack({ models, onDone }: { models: readonly Model[]; onDone: () => void }) {
  const admin = useAdminReason();
  const [isAsking, setAsking] = useState(false);
  const active = models.find(({ is_active }) => is_active);
  const before = active?.replaced_version;
  const none = before ? null : "The active version has replaced none.";
  const roll = async () => {
    const now = await got(api.POST("/v1/models/rollback"));
    toast(`${now.version} screens new tiles again.`);
    onDone();
  };
  return (
    <>
      <Button reason={admin ?? none} onClick={() => setAsking(true)}>
        Roll back
      </Button>
      <Confirm
        title={`Go back to ${before ?? ""}?`}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        verb={`Go back to ${before ?? ""}`}
        onConfirm={roll}
      >
        <p>
          <strong>{before}</strong> screens new tiles again within about two seconds, instead of{" "}
          <strong>{active?.version}</strong>. No gate is asked. What was screened stays as it is;
          both versions are kept.
        </p>
      </Confirm>
    </>
  );
}
