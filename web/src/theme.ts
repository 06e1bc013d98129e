import { makeStore } from "~/store";

/** `auto` follows the operating system. */
export type Theme = "auto" | "light" | "dark";

const KEY = "flakescope-theme";

export const themeStore = makeStore<Theme>(remembered());

function remembered(): Theme {
  const text = globalThis.localStorage?.getItem(KEY);
  return text === "light" || text === "dark" ? text : "auto";
}

export function setTheme(theme: Theme): void {
  if (theme === "auto") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  showTheme(theme);
  themeStore.set(theme);
}

/** Tell the style sheets which colours to use. */
export function showTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Whether the page is dark now: for pictures that are drawn by scripts. */
export function isDark(): boolean {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Calls back when light and dark change, by the switch or by the system. */
export function watchDark(listener: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", listener);
  const end = themeStore.watch(listener);
  return () => {
    system.removeEventListener("change", listener);
    end();
  };
}
