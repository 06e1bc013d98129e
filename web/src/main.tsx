import "~/styles/index.css";
import { render } from "preact";
import { App } from "~/app";
import { showTheme, themeStore } from "~/theme";

showTheme(themeStore.get());
const root = document.getElementById("app");
if (root) render(<App />, root);
