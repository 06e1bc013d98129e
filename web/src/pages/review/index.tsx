import { useState } from "preact/hooks";
import type { PageProps } from "~/pages/page";
import { idAt } from "~/pages/page";
import type { Place } from "~/router";
import { Desk } from "./Desk";
import { useWhere } from "./use_where";
import { keyOf } from "./where";
import "./review.css";
import "./single.css";

/** Judge flakes, one by one or many at once: of one scan (`#/scans/12/review`) or of all. */
export default function Review({ place }: PageProps) {
  const scanId = idAt(place, 1);
  return <OfScan key={String(scanId)} scanId={scanId} place={place} />;
}

function OfScan({ scanId, place }: { scanId: number | undefined; place: Place }) {
  const [where, go, now] = useWhere(place);
  // Reading the same list anew is another list, too.
  const [round, setRound] = useState(0);
  const reload = () => {
    go({ flake: null });
    setRound(round + 1);
  };
  return (
    <Desk
      key={`${keyOf(where, scanId)} ${round}`}
      scanId={scanId}
      where={where}
      now={now}
      go={go}
      onReload={reload}
    />
  );
}
