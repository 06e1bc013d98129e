import { useEffect, useState } from "preact/hooks";

/** Where the page is: the part of the address behind `#`. */
export interface Place {
  /** Parts of the path: `#/scans/12/map` has `["scans", "12", "map"]`. */
  path: string[];
  /** What stands behind `?` in the hash. */
  query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#/, "").split(/\?(.*)/s);
  return {
    path: path.split("/").filter(Boolean).map(decodePart),
    query: new URLSearchParams(query),
  };
}

/** An address inside the page; parts and values are escaped. Empty values are left out. */
export function hrefOf(
  path: readonly (string | number)[],
  query: Record<string, string | number | boolean | null | undefined> = {},
): string {
  const given = Object.entries(query).filter(([, value]) => value != null && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const tail = search.size ? `?${search}` : "";
  return `#/${path.map((part) => encodeURIComponent(part)).join("/")}${tail}`;
}

/** Go somewhere in the page. */
export function goTo(href: string): void {
  location.hash = href;
}

/** Change the address without a new entry in the history: a map that was moved, a filter. */
export function replacePlace(href: string): void {
  history.replaceState(null, "", href);
  listeners.forEach((listener) => {
    listener();
  });
}

const listeners = new Set<() => void>();

/** Where the page is; the component is drawn again when that changes. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    read();
    listeners.add(read);
    addEventListener("hashchange", read);
    return () => {
      listeners.delete(read);
      removeEventListener("hashchange", read);
    };
  }, []);
  return parsePlace(hash);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
