import { useEffect, useRef, useState } from "preact/hooks";
import { askAhead } from "~/api/ahead";
import { urlOf } from "~/api/client";
import { asProblem, Problem } from "~/api/problem";
import { readSession, useSession } from "~/api/session";
import { Header } from "~/header";
import type { PageView } from "~/pages/page";
import { ProblemNote } from "~/parts/notes";
import { Overriding } from "~/parts/overriding";
import { Toasts } from "~/parts/toast";
import { usePlace } from "~/router";
import { type Route, routeOf } from "~/routes";

/** The frame around every page. */
export function App() {
  const place = usePlace();
  const route = routeOf(place.path);
  const main = useRef<HTMLElement>(null);
  const session = useSession();
  useAhead(route, place.path);
  const { View, problem } = useView(route);
  const isSignIn = place.path[0] === "signin";
  const access = useAccess(isSignIn);
  const path = place.path.join("/");

  useEffect(() => {
    document.title = `${route.title} - Flakescope`;
  }, [route]);
  useFocusOnChange(main, path);

  const fault = problem ?? (isSignIn ? undefined : access);
  return (
    <div class="frame">
      {/* A button, for the hash of the address is the page's own. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header nav={route.nav} />
      <main ref={main} tabIndex={-1} class={route.isWide ? "main is-wide" : "main"}>
        {fault && <ProblemNote problem={fault} onRetry={() => location.reload()} />}
        {!fault && View && (session || isSignIn) && <View place={place} />}
      </main>
      <Overriding />
      <Toasts />
    </div>
  );
}

/** Ask once who uses the page; the problem where nobody can say. */
function useAccess(isSignIn: boolean): Problem | undefined {
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    // The sign-in view asks by itself, with a token.
    if (isSignIn) return;
    readSession().then(
      () => setProblem(undefined),
      (error) => setProblem(asProblem(error)),
    );
  }, [isSignIn]);
  return problem;
}

/** Ask for what the page will ask for; its code is large, and both can be on their way at once. */
function useAhead({ ahead }: Route, path: readonly string[]): void {
  const urls = ahead?.(path).map((address) => urlOf(address)) ?? [];
  const text = urls.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text says all of the addresses
  useEffect(() => askAhead(urls), [text]);
}

/** The code of a page, once it has come. */
function useView({ load }: Route): { View: PageView | undefined; problem: Problem | undefined } {
  const [loaded, setLoaded] = useState<{ load: unknown; View?: PageView; problem?: Problem }>();
  useEffect(() => {
    let isWanted = true;
    load().then(
      (module) => isWanted && setLoaded({ load, View: module.default }),
      () => isWanted && setLoaded({ load, problem: OUTDATED }),
    );
    return () => {
      isWanted = false;
    };
  }, [load]);
  // The view of the page before must not be shown with the new address.
  return loaded?.load === load
    ? { View: loaded.View, problem: loaded.problem }
    : { View: undefined, problem: undefined };
}

const OUTDATED = new Problem(
  "This part of the page could not be loaded",
  "The service was updated or cannot be reached. Load the page again.",
  0,
);

/** Who hears the page is taken to the new content; not at the first view. */
function useFocusOnChange(main: { current: HTMLElement | null }, path: string): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [path, main]);
}
