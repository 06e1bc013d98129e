/** What was wrong, in words: a problem document (RFC 9457) or a fault on the way. */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail: string,
    readonly status: number,
    readonly reasons: readonly string[] = [],
    /** Tells kinds of one status apart: `urn:problem-type:flakescope:...`. */
    readonly type = "about:blank",
  ) {
    super(detail || title);
    this.name = "Problem";
  }
}

interface Document {
  type?: string;
  title?: string;
  detail?: string;
  reasons?: string[] | null;
  errors?: { field: string; reason: string }[] | null;
}

/** The problem that an answer's body tells, whoever wrote it. */
export function problemOf(body: unknown, status: number): Problem {
  if (!isDocument(body)) {
    return new Problem("The service did not answer as expected", `Status ${status}.`, status);
  }
  const fields = (body.errors ?? []).map(({ field, reason }) => `${field}: ${reason}`);
  const reasons = [...(body.reasons ?? []), ...fields];
  return new Problem(body.title ?? "Problem", body.detail ?? "", status, reasons, body.type);
}

/** Its reasons that its detail does not tell already. */
export function newReasons(problem: Problem): string[] {
  return problem.reasons.filter((reason) => !problem.detail.includes(reason));
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TypeError) {
    // What fetch throws where no answer came.
    return new Problem("No answer", "The service cannot be reached. Is it running?", 0);
  }
  return new Problem("Something went wrong in this page", String(error), 0);
}

function isDocument(body: unknown): body is Document {
  return typeof body === "object" && body !== null && "title" in body;
}
