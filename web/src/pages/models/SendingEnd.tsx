import type { Problem } from "~/api/client";
import { Sent } from "~/pages/models/Sent";
import { Button } from "~/parts/Button";
import { ProblemNote } from "~/parts/notes";

interface Props {
  isSending: boolean;
  share: number;
  problem: Problem | null;
  /** What happens with it once it is there. */
  then: string;
  /** What the button says that sends it, and why it cannot be pressed. */
  verb: string;
  reason: string | null;
  leave: () => void;
}

/** The end of a form that sends a file. */
export function SendingEnd({ isSending, share, problem, then, verb, reason, leave }: Props) {
  return (
    <>
      {isSending && <Sent share={share} then={then} />}
      {problem && <ProblemNote problem={problem} />}
      <div class="dialog-end">
        <Button onClick={leave}>{isSending ? "Stop" : "Leave"}</Button>
        <Button type="submit" kind="main" reason={isSending ? "It is on its way." : reason}>
          {verb}
        </Button>
      </div>
    </>
  );
}
