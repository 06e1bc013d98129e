import "~/styles/index.css";
import { render } from "preact";
import { feedStore } from "~/api/events";
import { App } from "~/app";
import { showTheme, themeStore } from "~/theme";

showTheme(themeStore.get());
// Whoever drives the page by a script has to know from when on it hears what happens.
feedStore.watch((state) => {
  document.documentElement.dataset.events = state;
});
const root = document.getElementById("app");
if (root) render(<App />, root);
