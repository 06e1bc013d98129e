import { signOut, useSession } from "~/api/session";
import icon from "~/icon.svg";
import { uploads } from "~/pages/scans/upload/uploads";
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
        <Sending />
        <Who />
        <ThemeSwitch />
      </div>
    </header>
  );
}

/** An upload goes on while other pages are looked at, and this tab must stay open for it. */
function Sending() {
  const open = useStore(uploads).filter(({ state }) => state !== "done");
  const size = open.reduce((sum, one) => sum + one.size, 0);
  const sent = open.reduce((sum, one) => sum + one.sent, 0);
  if (open.length === 0) return null;
  const isStuck = open.some(({ state }) => state === "failed");
  return (
    <a class={isStuck ? "badge is-bad" : "badge is-warn"} href={hrefOf(["scans"])}>
      {isStuck ? "Upload failed" : `Sending ${Math.floor((100 * sent) / Math.max(size, 1))} %`}
    </a>
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
