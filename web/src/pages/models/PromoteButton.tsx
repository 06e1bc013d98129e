import { useState } from "preact/hooks";
import { useAdminReason } from "~/api/session";
import { Promote } from "~/pages/models/Promote";
import { Button } from "~/parts/Button";

interface Props {
  version: string;
  isActive: boolean;
  onDone: () => void;
}

/** Asks to put one version into service. */
export function PromoteButton({ version, isActive, onDone }: Props) {
  const admin = useAdminReason();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        kind="main"
        reason={isActive ? "It is the active version." : admin}
        onClick={() => setAsking(true)}
      >
        Promote
      </Button>
      <Promote
        model={isAsking ? { version } : null}
        onClose={() => setAsking(false)}
        onDone={onDone}
      />
    </>
  );
}
