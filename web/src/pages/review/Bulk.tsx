import { Button } from "~/parts/Button";
import { Dialog } from "~/parts/Dialog";
import { count } from "~/parts/format";
import type { Verdict } from "./desk";
import { verdictWords } from "./words";

interface Props {
  /** What shall be said; null = nothing is asked. */
  verdict: Verdict | null;
  chosen: number;
  onClose: () => void;
  onConfirm: (verdict: Verdict) => Promise<unknown>;
}

/** Asks before one verdict is given to many flakes. */
export function Bulk({ verdict, chosen, onClose, onConfirm }: Props) {
  const words = verdict ? verdictWords(verdict) : "";
  return (
    <Dialog
      title={`${count(chosen)} flakes: ${words}?`}
      isOpen={verdict !== null}
      onClose={onClose}
    >
      <p>
        All {count(chosen)} selected flakes get this verdict. It goes before the network's in
        exports, and trainings learn from it. Z takes it back.
      </p>
      <div class="dialog-end">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="main" onClick={() => (verdict ? onConfirm(verdict) : undefined)}>
          {`Yes, ${count(chosen)} are ${words}`}
        </Button>
      </div>
    </Dialog>
  );
}
