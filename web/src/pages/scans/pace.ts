/** How fast something goes, and when it will be done. */

export interface Mark {
  /** ms. */
  at: number;
  done: number;
}

/** Marks of the last `windowMs`, with a new one; counts that fall back begin anew. */
export function withMark(marks: readonly Mark[], mark: Mark, windowMs: number): Mark[] {
  const last = marks.at(-1);
  if (last && mark.done < last.done) return [mark];
  const kept = marks.filter(({ at }) => mark.at - at <= windowMs);
  return [...kept, mark];
}

/** Done a second; null while nobody can tell. */
export function paceOf(marks: readonly Mark[], now: number): number | null {
  const first = marks[0];
  const last = marks.at(-1);
  if (!first || !last || first === last || now <= first.at) return null;
  return (1000 * (last.done - first.done)) / (now - first.at);
}

/** Seconds until `left` are done; null while nobody can tell. */
export function secondsLeft(left: number | null, pace: number | null): number | null {
  return left === null || !pace ? null : left / pace;
}

/** "2 h 5 min left", as exact as it can be known. */
export function leftText(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  const hours = Math.floor(minutes / 60);
  return hours >= 48
    ? `${Math.round(hours / 24)} days left`
    : `${hours} h ${minutes % 60} min left`;
}

/** "3.2 tiles/s"; slow ones by the minute. */
export function paceText(pace: number | null): string {
  if (pace === null) return "";
  if (pace === 0) return "no tile at the moment";
  if (pace < 0.1) return `${(60 * pace).toFixed(1)} tiles/min`;
  return `${pace < 10 ? pace.toFixed(1) : Math.round(pace)} tiles/s`;
}
