import { asProblem, Problem, urlOf } from "~/api/client";
import { problemOf } from "~/api/problem";

/** A form that is on its way. */
export interface Sending<T> {
  done: Promise<T>;
  stop: () => void;
}

/** Send a form with files and tell how far it is, 0 to 1; `fetch` cannot tell. */
export function send<T>(path: string, form: FormData, tell: (share: number) => void): Sending<T> {
  const request = new XMLHttpRequest();
  const done = new Promise<T>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => tell(total ? loaded / total : 0);
    request.onerror = () => reject(asProblem(new TypeError()));
    request.onabort = () => reject(STOPPED);
    request.onload = () => {
      const body = bodyOf(request.responseText);
      const isGood = request.status >= 200 && request.status < 300;
      if (isGood) resolve(body as T);
      else reject(problemOf(body, request.status));
    };
    request.open("POST", urlOf(path));
    request.send(form);
  });
  return { done, stop: () => request.abort() };
}

export const STOPPED = new Problem("Stopped", "Nothing of it was kept.", 0);

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy before the service answers in HTML.
    return null;
  }
}
