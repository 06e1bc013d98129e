import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const service = process.env.FLAKESCOPE_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  // Relative addresses: a proxy may show the service below a prefix.
  base: "./",
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../service/page",
    emptyOutDir: true,
    target: "es2022",
    // An inlined picture would be a data address that is never cached.
    assetsInlineLimit: 0,
    // The service's security headers allow no inline script, which the polyfill would be.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    // `npm run dev` shows the page while a service runs beside it. With the host of the page, not
    // of the service: else every change would look as if another web page had sent it.
    proxy: Object.fromEntries(
      ["/v1", "/healthz", "/readyz", "/docs", "/openapi.json"].map((path) => [
        path,
        { target: service, changeOrigin: false },
      ]),
    ),
  },
  // Long, for machines where every core runs something: what is right is done at once.
  test: { environment: "node", include: ["src/**/*.test.ts"], testTimeout: 60_000 },
});
