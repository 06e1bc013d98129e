import createClient from "openapi-fetch";
import { fetchOnce } from "~/api/ahead";
import { asProblem, problemOf } from "~/api/problem";
import type { components, paths } from "~/api/schema";
import { goTo, hrefOf, parsePlace } from "~/router";

export { asProblem, Problem } from "~/api/problem";

/** The shapes of the API by name: `Schemas["Flake"]`. */
export type Schemas = components["schemas"];

/** Where the page lies, with the prefix under which a proxy may show it. Ends with a slash. */
export const BASE = globalThis.document ? new URL(".", document.baseURI).href : "http://localhost/";

/** The typed API. Wrap each call in `got`: `await got(api.GET("/v1/scans"))`. */
export const api = createClient<paths>({ baseUrl: BASE.replace(/\/$/, ""), fetch: fetchOnce });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What a call answers; throws `Problem`. Where nobody is signed in, the page asks who it is. */
export async function got<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    throw asProblem(error);
  }
  const { data, error, response } = answer;
  if (response.ok) return data as T;
  if (response.status === 401) askWho();
  throw problemOf(error, response.status);
}

/** Address of something that the browser itself gets: a picture, a download. */
export function urlOf(path: string, query: Record<string, string | number> = {}): string {
  const url = new URL(path.replace(/^\//, ""), BASE);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

function askWho(): void {
  const here = location.hash;
  if (parsePlace(here).path[0] !== "signin") goTo(hrefOf(["signin"], { next: here }));
}
