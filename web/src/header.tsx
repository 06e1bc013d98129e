import { signOut, useSession } from "~/api/session";
import icon from "~/icon.svg";
import { Button } from "~/parts/Button";
import { goTo, hrefOf } from "~/router";
import type { Route } from "~/routes";
import { useStore } from "~/store";
import { setTheme, type Theme, themeStore } from "~/theme";

const ENTRIES: { key: NonNullable<Route["nav"]>; label: string }[] = [
  { key: "scans", label: "Scans" },
  { key: "review", label: "Review" },
  { key: "models", label: "Models" },
  { key: "settings", label: "Settings" },
];

/** Name, navigation, theme, and who is signed in. */
export function Header({ nav }: { nav: Route["nav"] }) {
  return (
    <header class="header">
      <a class="brand" href={hrefOf(["scans"])}>
        <img src={icon} alt="" />
        Flakescope
      </a>
      <nav class="nav" aria-label="Main">
        {ENTRIES.map(({ key, label }) => (
          <a key={key} href={hrefOf([key])} aria-current={key === nav ? "page" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <div class="header-end">
        <Who />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function Who() {
  const session = useSession();
  // Without tokens there is nobody to sign out.
  if (!session?.needs_token) return null;
  return (
    <>
      <span class="quiet">
        {session.name} ({session.role})
      </span>
      <Button kind="plain" onClick={() => signOut().then(() => goTo(hrefOf(["signin"])))}>
        Sign out
      </Button>
    </>
  );
}

function ThemeSwitch() {
  const theme = useStore(themeStore);
  return (
    <select
      aria-label="Colours"
      value={theme}
      onChange={(event) => setTheme(event.currentTarget.value as Theme)}
    >
      <option value="auto">System</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}
