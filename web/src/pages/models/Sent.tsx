import { Progress } from "~/parts/notes";

interface Props {
  /** How much has been sent, 0 to 1. */
  share: number;
  /** What happens with it once it is there. */
  then: string;
}

/** How far an upload is; what the service does with it takes a while longer. */
export function Sent({ share, then }: Props) {
  return share < 1 ? (
    <div class="row">
      <span>Sending, percent</span>
      <Progress label="Upload" value={Math.floor(100 * share)} of={100} />
    </div>
  ) : (
    <p role="status">{then}</p>
  );
}
