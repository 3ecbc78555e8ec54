import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownChild } from "../../owned.ts";
import { bundledPage } from "../browser/bundle.ts";
import { serveThroughProxy } from "../browser/page-proxy.ts";
import type { LineScenario } from "../line-scenario.ts";
import { serveAppServer } from "../served-app-server.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
const TOKEN = "a-token-of-this-run";
const PAGE_TIMEOUT_MS = 60_000;

export const browser: LineScenario = {
  id: "browser",
  sentence:
    "a page in Chromium drives a server through a proxy that takes its Origin away and adds the token, and not without one",
  async run({ release, home, folder, note }) {
    if (CHROMIUM === undefined) {
      note("not run: there is no Chromium here");
      return;
    }
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, TOKEN, { mode: 0o600 });
    const args = ["--ws-auth", "capability-token", "--ws-token-file", tokenFile];
    await using server = await serveAppServer({ release, home, listen: "ws://127.0.0.1:0", args });
    const { code, bytes, gzipBytes } = await bundledPage();
    note(`${Math.round(bytes / 1024)} KiB by vite, ${Math.round(gzipBytes / 1024)} KiB as gzip`);
    const script = (webSocketUrl: string): string => `
      const tell = (seen) => fetch("/", { method: "POST", body: JSON.stringify(seen) });
      const direct = page.useAppServer(${JSON.stringify(server.url)}, ${JSON.stringify(folder)}).catch((error) => error.name);
      const proxied = page.useAppServer(${JSON.stringify(webSocketUrl)}, ${JSON.stringify(folder)}).catch((error) => String(error));
      Promise.all([direct, proxied]).then(([direct, proxied]) => tell({ direct, proxied }));`;
    const html = (url: string): string =>
      `<!doctype html><script>${code.replaceAll("</script", "<\\/script")}</script><script>${script(url)}</script>`;
    await using proxy = await serveThroughProxy(html, server.url, TOKEN);
    const args2 = [...FLAGS, `--user-data-dir=${join(folder, "profile")}`, proxy.origin];
    const child = ownChild(spawn(CHROMIUM, args2, { stdio: "ignore" }));
    const gone = once(child, "exit");
    const timer = setTimeout(() => child.kill("SIGKILL"), PAGE_TIMEOUT_MS);
    try {
      const seen = await Promise.race([proxy.posted, gone.then(() => "Chromium ended")]);
      assert.deepEqual(seen, {
        // The server answers 403 to whatever has an Origin; a browser does not tell the page.
        direct: "LinkError",
        proxied: {
          server: "linux",
          said: "grün",
          exitCode: 3,
          back: "written",
          wrong: -32600,
          pipes: true,
          header: true,
          state: "closed",
        },
      });
      assert.ok(proxy.origins.length >= 1 && proxy.origins.every((origin) => origin === proxy.origin));
    } finally {
      clearTimeout(timer);
      child.kill("SIGKILL");
      await gone;
    }
  },
};
