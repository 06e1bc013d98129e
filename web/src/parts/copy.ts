import { toast } from "~/parts/toast";

/** Puts a text on the clipboard and says so. */
export async function copyText(text: string): Promise<void> {
  if (await copied(text)) toast(`Copied: ${text}`);
  else toast(`The browser does not let this page copy. Here it is: ${text}`, "bad");
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // On plain HTTP, as inside most labs, a browser gives no clipboard.
    return copiedBySelection(text);
  }
}

function copiedBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
