import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tempDir, until } from "@holdfast/testkit";
import { createServer } from "vite";
import { expect, test } from "vitest";
import { Cli, serve } from "../support/cli.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];

/** Tells the dev server over its websocket what the page is and where it was opened, whenever its text changes. */
const PAGE = `<!doctype html><p id="text"></p><script type="module">
import { text } from "/text.js";
document.querySelector("p").textContent = text;
import.meta.hot.send("page:open", { text: document.querySelector("p").textContent, origin: location.origin });
</script>`;

test.runIf(CHROMIUM !== undefined)(
  "the page of a dev server opens in Chromium through a forwarded port, with its websocket",
  { timeout: 60_000 },
  async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("index.html"), PAGE);
    await writeFile(folder.join("text.js"), 'export const text = "first";');
    await using far = await serve();
    await using vite = await devServer(folder.path);
    await using cli = new Cli(["forward", "--url", far.url, "--json", `0:${vite.port}`]);
    await until(() => cli.stdout.includes("\n"));
    const origin = `http://127.0.0.1:${JSON.parse(cli.stdout.toString()).local.port}`;
    const browser = spawn(CHROMIUM ?? "", [...FLAGS, `--user-data-dir=${folder.join("profile")}`, origin], {
      stdio: "ignore",
    });
    const ended = new Promise((done) => browser.once("close", done));
    try {
      await until(() => vite.told.length === 1, { deadlineMs: 30_000 });
      await writeFile(folder.join("text.js"), 'export const text = "second";');
      await until(() => vite.told.length === 2, { deadlineMs: 30_000 });
      expect(vite.told).toEqual([
        { text: "first", origin },
        { text: "second", origin },
      ]);
    } finally {
      browser.kill("SIGKILL");
      await ended;
    }
  },
);

async function devServer(root: string) {
  const told: unknown[] = [];
  const watch = { usePolling: true, interval: 100 };
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    optimizeDeps: { noDiscovery: true },
    server: { host: "127.0.0.1", port: 0, watch },
  });
  server.ws.on("page:open", (data: unknown) => told.push(data));
  await server.listen();
  const { port } = (server.httpServer ?? expect.unreachable()).address() as AddressInfo;
  return { port, told, [Symbol.asyncDispose]: () => server.close() };
}
