/** Answers that are asked for before the code that shows them has come. */

const asked = new Map<string, Promise<Response>>();

/** Ask for some addresses now; each answer is for the first who asks for it. Others are dropped. */
export function askAhead(urls: readonly string[]): void {
  asked.clear();
  for (const url of urls) {
    const answer = fetch(url);
    // Who takes it hears of it; nobody else shall.
    answer.catch(() => undefined);
    asked.set(url, answer);
  }
}

/** `fetch`, where the answer was not asked for ahead. */
export function fetchOnce(request: Request): Promise<Response> {
  const answer = request.method === "GET" ? asked.get(request.url) : undefined;
  asked.delete(request.url);
  return answer ?? fetch(request);
}
