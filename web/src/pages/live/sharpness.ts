/** Whether the microscope has lost its focus: the last tiles beside all of the scan. */
import type { Square } from "~/pages/live/board";

const LAST = 10;
const LEAST_COMPARED = 20;
/** So many of the last ones must be soft: one alone may lie on the chip's edge. */
const LEAST_SOFT = 3;
const SOFT = 0.6;

/** A warning in words, or null. */
export function focusWarning(squares: Iterable<Square>): string | null {
  const measured: { focus: number; at: string }[] = [];
  for (const { focus, screenedAt, state } of squares) {
    if (focus !== null && state === "screened") measured.push({ focus, at: screenedAt });
  }
  if (measured.length < LEAST_COMPARED) return null;
  measured.sort((one, other) => (one.at < other.at ? 1 : -1));
  const usual = median(measured.map(({ focus }) => focus));
  const soft = measured.slice(0, LAST).filter(({ focus }) => focus < SOFT * usual).length;
  if (soft < LEAST_SOFT) return null;
  return (
    `Focus: ${soft} of the last ${LAST} tiles are much softer than is usual in this scan ` +
    `(edges under ${100 * SOFT} % as steep). Thin flakes may be missed: look at the focus.`
  );
}

function median(values: number[]): number {
  values.sort((one, other) => one - other);
  return values[Math.floor(values.length / 2)] ?? 0;
}
