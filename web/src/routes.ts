import type { PageView } from "~/pages/page";

/** One kind of page. */
export interface Route {
  /** Parts of the path; `:` stands for one part of any text. */
  path: readonly string[];
  title: string;
  /** Which entry of the navigation it belongs to. */
  nav: "scans" | "review" | "models" | "settings" | null;
  /** Takes the whole window, without margins. */
  isWide?: boolean;
  /** Comes when it is first looked at: the map is large. */
  load: () => Promise<{ default: PageView }>;
  /** What it asks the service for first, by its path; asked for while its code comes. */
  ahead?: (path: readonly string[]) => string[];
}

const scans = () => import("~/pages/scans");
const map = () => import("~/pages/map");
const live = () => import("~/pages/live");
const review = () => import("~/pages/review");
const models = () => import("~/pages/models");
const settings = () => import("~/pages/settings");
const signIn = () => import("~/pages/settings/SignIn");
const missing = () => import("~/pages/Missing");

export const ROUTES: readonly Route[] = [
  { path: ["scans"], title: "Scans", nav: "scans", load: scans },
  { path: ["scans", ":"], title: "Scan", nav: "scans", load: scans },
  {
    path: ["scans", ":", "map"],
    title: "Map",
    nav: "scans",
    isWide: true,
    load: map,
    ahead: ([, id]) => ["", "/map", "/map/flakes"].map((part) => `/v1/scans/${id}${part}`),
  },
  { path: ["scans", ":", "live"], title: "Live", nav: "scans", load: live },
  { path: ["scans", ":", "review"], title: "Review", nav: "review", isWide: true, load: review },
  { path: ["review"], title: "Review", nav: "review", isWide: true, load: review },
  { path: ["models"], title: "Models", nav: "models", load: models },
  { path: ["models", ":"], title: "Model version", nav: "models", load: models },
  { path: ["trainings"], title: "Trainings", nav: "models", load: models },
  { path: ["trainings", ":"], title: "Training", nav: "models", load: models },
  { path: ["settings"], title: "Settings", nav: "settings", load: settings },
  { path: ["signin"], title: "Sign in", nav: null, load: signIn },
];

const MISSING: Route = { path: [], title: "Not found", nav: null, load: missing };

/** The page of a path; an empty path is the list of scans. */
export function routeOf(path: readonly string[]): Route {
  const asked = path.length ? path : ["scans"];
  return ROUTES.find((route) => fits(route.path, asked)) ?? MISSING;
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length && pattern.every((part, at) => part === ":" || part === path[at])
  );
}
