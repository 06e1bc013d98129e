/** Numbers and times as people read them. What nobody knows is "unknown", never 0. */

export const UNKNOWN = "unknown";

type Maybe = number | null | undefined;

// Each takes longer to make than a hundred numbers to write.
const grouped = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 21 });
const plain = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 21, useGrouping: false });

/** A number with so many significant digits, and no exponent. */
function significant(value: number, digits: number): string {
  const writer = Math.abs(value) >= 10_000 ? grouped : plain;
  return writer.format(Number(value.toPrecision(digits)));
}

function known(value: Maybe): value is number {
  return value != null && Number.isFinite(value);
}

/** A count: "12,000". */
export function count(value: Maybe): string {
  return known(value) ? grouped.format(value) : UNKNOWN;
}

/** A count that may be a lower bound: "more than 10,000". */
export function total(value: number, isExact: boolean): string {
  return isExact ? count(value) : `more than ${count(value)}`;
}

/** A length: "12.3 um". */
export function um(value: Maybe): string {
  return known(value) ? `${significant(value, 3)} \u00b5m` : UNKNOWN;
}

/** An area: "123 um2". */
export function um2(value: Maybe): string {
  return known(value) ? `${significant(value, 3)} \u00b5m\u00b2` : UNKNOWN;
}

/** An area; in pixels where the scale is unknown: "1,250 px". */
export function area(inUm2: Maybe, inPx: Maybe): string {
  return known(inUm2) ? um2(inUm2) : known(inPx) ? `${count(inPx)} px` : UNKNOWN;
}

/**
 * A place on the stage, "4945.1, -20.0": tenths of um, which is what stages repeat. From hundredths,
 * as the map has them: else what is shown here and copied there may differ by a tenth.
 */
export function place(point: readonly number[]): string {
  return point.map((one) => (Math.round(Math.round(one * 100) / 10) / 10).toFixed(1)).join(", ");
}

/** A stage coordinate with its unit. */
export function stage(point: readonly number[] | null | undefined): string {
  const [x, y] = point ?? [];
  if (!known(x) || !known(y)) return UNKNOWN;
  return `${place([x, y])} \u00b5m`;
}

/** A share of one: "93.4 %". */
export function percent(value: Maybe, digits = 1): string {
  return known(value) ? `${(100 * value).toFixed(digits)} %` : UNKNOWN;
}

/** A probability with two digits; it never says that something is certain. */
export function p(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  // Also what the service has rounded to 0 or 1.
  if (value > 0.99) return "> 0.99";
  if (value < 0.01) return "< 0.01";
  return value.toFixed(2);
}

/** A number of layers: "1 layer"; above what the optics tell apart it is unknown. */
export function layers(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  return value === 1 ? "1 layer" : `${value} layers`;
}

const BYTES = ["bytes", "kB", "MB", "GB", "TB"];

/** A size on disk: "1.2 GB". */
export function bytes(value: Maybe): string {
  if (!known(value)) return UNKNOWN;
  const step = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), BYTES.length - 1);
  return `${significant(value / 1000 ** step, 3)} ${BYTES[step]}`;
}

const STEPS: [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [90, 1, "second"],
  [90 * 60, 60, "minute"],
  [36 * 3600, 3600, "hour"],
  [45 * 86400, 86400, "day"],
  [Number.POSITIVE_INFINITY, 30 * 86400, "month"],
];

const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

/** How long ago: "3 minutes ago". */
export function ago(at: string | null | undefined, now = Date.now()): string {
  if (!at) return "never";
  const seconds = (Date.parse(at) - now) / 1000;
  const step = STEPS.find(([limit]) => Math.abs(seconds) < limit);
  if (!step) return UNKNOWN;
  return relative.format(Math.round(seconds / step[1]), step[2]);
}

/** A moment in the reader's own time: "20 Nov 2026, 10:12". */
export function moment(at: string | null | undefined): string {
  if (!at) return "never";
  return new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
