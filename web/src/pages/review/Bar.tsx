import { api, got } from "~/api/client";
import { useLoaded } from "~/api/loaded";
import { Button } from "~/parts/Button";
import { goTo, hrefOf } from "~/router";
import { Filters } from "./Filters";
import type { Go } from "./use_where";
import { queryOf, SIZES, type Size, type Where } from "./where";

interface Props {
  scanId: number | undefined;
  where: Where;
  go: Go;
  onReload: () => void;
}

const SIZE_WORDS: Record<Size, string> = { small: "S", medium: "M", large: "L" };

/** Which list, and how it is shown. */
export function Bar({ scanId, where, go, onReload }: Props) {
  return (
    <div class="review-bar">
      <div class="row">
        <h1>Review</h1>
        <ScanChoice scanId={scanId} where={where} />
        <label class="review-choice">
          <span class="unseen">Which flakes</span>
          <select
            value={where.from}
            onChange={(event) =>
              go({ from: event.currentTarget.value as Where["from"], flake: null })
            }
          >
            <option value="queue">Most useful first</option>
            <option value="flakes">Filter and sort</option>
          </select>
        </label>
        <Button kind="plain" onClick={onReload} title="Read the list anew">
          Reload
        </Button>
        <span class="review-gap" />
        <Views where={where} go={go} />
      </div>
      {where.from === "flakes" && <Filters where={where} go={go} />}
    </div>
  );
}

function Views({ where, go }: Pick<Props, "where" | "go">) {
  return (
    <>
      <Button
        isPressed={where.isOutlined}
        onClick={() => go({ isOutlined: !where.isOutlined })}
        title="Key O"
      >
        Outline
      </Button>
      {!where.isSingle && (
        <>
          <Button
            isPressed={where.isContrast}
            onClick={() => go({ isContrast: !where.isContrast })}
            title="Key C"
          >
            Contrast
          </Button>
          <span class="row review-sizes">
            {SIZES.map((size) => (
              <Button
                key={size}
                isPressed={where.size === size}
                label={`${size} pictures`}
                onClick={() => go({ size })}
              >
                {SIZE_WORDS[size]}
              </Button>
            ))}
          </span>
        </>
      )}
      <Button onClick={() => go({ isSingle: !where.isSingle }, true)}>
        {where.isSingle ? "Gallery (Esc)" : "Single (Enter)"}
      </Button>
    </>
  );
}

// Newest first; older scans are reached from their own pages.
const MOST_SCANS = 100;

function ScanChoice({ scanId, where }: Pick<Props, "scanId" | "where">) {
  const scans = useLoaded("scans", () =>
    got(api.GET("/v1/scans", { params: { query: { limit: MOST_SCANS } } })),
  );
  const shown = scans.value?.items ?? [];
  const isListed = scanId === undefined || shown.some(({ id }) => id === scanId);
  const choose = (value: string) => {
    const path = value ? ["scans", value, "review"] : ["review"];
    goTo(hrefOf(path, queryOf({ ...where, flake: null })));
  };
  return (
    <label class="review-choice">
      <span class="unseen">Scan</span>
      <select value={scanId ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">All scans</option>
        {!isListed && <option value={scanId}>Scan {scanId}</option>}
        {shown.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
