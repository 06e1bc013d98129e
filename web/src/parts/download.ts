import { problemOf } from "~/api/problem";
import { showProblem } from "~/parts/toast";

/**
 * Download a file that the service may refuse to make. A browser would save the refusal, under any
 * name: so it is asked for first, and a refusal is shown in words.
 */
export async function download(event: MouseEvent): Promise<void> {
  event.preventDefault();
  const { href } = event.currentTarget as HTMLAnchorElement;
  const stop = new AbortController();
  const answer = await fetch(href, stop).catch(showProblem);
  if (!answer) return;
  if (!answer.ok) {
    showProblem(problemOf(await answer.json().catch(() => null), answer.status));
    return;
  }
  stop.abort();
  const link = document.createElement("a");
  link.href = href;
  // Empty: the service names the file.
  link.download = "";
  link.click();
}
