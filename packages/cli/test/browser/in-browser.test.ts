import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { tempDir } from "@holdfast/testkit";
import { build } from "esbuild";
import { build as buildByVite } from "vite";
import { expect, test } from "vitest";
import { serve } from "../support/cli.ts";

const TOKEN = "a-token-of-this-test";
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const program = fileURLToPath(new URL("./program.ts", import.meta.url));
/** What the manifest of the published package names for browsers. */
const entry = fileURLToPath(new URL("../../../exec-client/dist/browser/index.js", import.meta.url));

const SEEN = {
  exitCode: 3,
  stdout: "grün and gold",
  isSame: true,
  sorted: "a\nb\n",
  counted: 3,
  missing: true,
  other: "LinkError",
};

async function bundledByEsbuild(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [program],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    globalName: "page",
    alias: { "@holdfast/exec-client": entry },
  });
  return outputFiles[0]?.text ?? "";
}

async function bundledByVite(): Promise<string> {
  const output = await buildByVite({
    configFile: false,
    logLevel: "silent",
    resolve: { alias: { "@holdfast/exec-client": entry } },
    build: { write: false, minify: true, lib: { entry: program, formats: ["iife"], name: "page", fileName: "page" } },
  });
  const [first] = Array.isArray(output) ? output : [];
  return first?.output[0].code ?? "";
}

/** An executor that takes pages of one origin. */
async function executorFor(origin: string, file: string) {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(file, `${TOKEN}\n`, { mode: 0o600 });
  return serve({
    args: ["--ws-auth", "capability-token", "--ws-token-file", file, "--allow-origin", origin, "--log-level", "debug"],
  });
}

/** What every browser has, and nothing of Node's. */
const OF_THE_WEB = [
  "AbortController AbortSignal Blob CompressionStream DecompressionStream DOMException Event EventTarget Headers MessageChannel",
  "ReadableStream Request Response TextDecoder TextEncoder TransformStream URL URLSearchParams WebSocket WritableStream",
  "atob btoa clearInterval clearTimeout console crypto fetch performance queueMicrotask setInterval setTimeout structuredClone",
]
  .join(" ")
  .split(" ");

async function runsWithoutNode(_: string, bundle: () => Promise<string>): Promise<void> {
  await using folder = await tempDir();
  await using server = await executorFor("https://app.example", join(folder.path, "token"));
  const globals = Object.fromEntries(OF_THE_WEB.map((name) => [name, (globalThis as Record<string, unknown>)[name]]));
  // A realm of its own has byte arrays of its own, which the platform's own classes would not know.
  const context = vm.createContext({ ...globals, ArrayBuffer, Uint8Array });
  vm.runInContext(`${await bundle()};globalThis.page = page;`, context);
  const { page } = context as unknown as { page: typeof import("./program.ts") };
  expect(await page.useExecutor(server.url, TOKEN, folder.path)).toEqual(SEEN);
  expect(server.stderr).not.toContain(TOKEN);
}

const name = "a program that %s bundles for browsers runs where there is nothing of Node";
test.each([["esbuild", bundledByEsbuild]] as const)(name, runsWithoutNode);
test.each([["vite", bundledByVite]] as const)(name, { tags: "long" }, runsWithoutNode);

test.runIf(CHROMIUM !== undefined)(
  "a page in Chromium drives an executor that lets its origin in, and no other",
  async () => {
    await using folder = await tempDir();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const bundle = await bundledByEsbuild();
    let executorUrl = "";
    const site = createServer(async (request, response) => {
      if (request.method === "POST") {
        let text = "";
        for await (const chunk of request) text += chunk;
        resolve(JSON.parse(text));
        response.end();
        return;
      }
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      const call = `page.useExecutor(${JSON.stringify(executorUrl)}, "${TOKEN}", ${JSON.stringify(folder.path)})`;
      const report = `${call}.catch((error) => String(error)).then((seen) => fetch("/", { method: "POST", body: JSON.stringify(seen) }))`;
      response.end(
        `<!doctype html><script>${bundle.replaceAll("</script", "<\\/script")}</script><script>${report}</script>`,
      );
    });
    await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    await using server = await executorFor(origin, join(folder.path, "token"));
    executorUrl = server.url;
    const args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    const browser = spawn(CHROMIUM ?? "", [...args, `--user-data-dir=${join(folder.path, "profile")}`, origin], {
      stdio: "ignore",
    });
    const ended = new Promise((done) => browser.once("close", done));
    try {
      expect(await promise).toEqual(SEEN);
      expect(server.stderr).not.toContain(TOKEN);
    } finally {
      browser.kill("SIGKILL");
      await ended;
      site.closeAllConnections();
      site.close();
    }
  },
);
