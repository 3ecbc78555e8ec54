import vm from "node:vm";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { FakeAppServer, Refusal } from "@holdfast/testkit/servers";
import { expect, test } from "vitest";
import { bundledPage } from "../src/app-server-line/browser/bundle.ts";

/** What every browser has, and nothing of Node's. */
const OF_THE_WEB = [
  "AbortController AbortSignal Blob CompressionStream DecompressionStream DOMException Event EventTarget Headers MessageChannel",
  "ReadableStream Request Response TextDecoder TextEncoder TransformStream URL URLSearchParams WebSocket WritableStream",
  "atob btoa clearInterval clearTimeout console crypto fetch performance queueMicrotask setInterval setTimeout structuredClone",
]
  .join(" ")
  .split(" ");

test("a program that vite bundles for browsers runs where there is nothing of Node, and weighs what it may", async () => {
  let written = "";
  const connections: FakeAppServer[] = [];
  await using listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    onPort: (port) => {
      connections.push(
        new FakeAppServer(port, {
          "command/exec": (params, server) => {
            if ((params as unknown as { command: unknown[] }).command.length === 0) {
              throw new Refusal(-32600, "command must not be empty");
            }
            const deltaBase64 = Buffer.from("grün").toString("base64");
            server.notify("command/exec/outputDelta", {
              processId: "p",
              stream: "stdout",
              deltaBase64,
              capReached: false,
            });
            return { exitCode: 3, stdout: "", stderr: "" };
          },
          "fs/writeFile": (params) => {
            written = (params as unknown as { dataBase64: string }).dataBase64;
            return {};
          },
          "fs/readFile": () => ({ dataBase64: written }),
        }),
      );
    },
  });
  const globals = Object.fromEntries(OF_THE_WEB.map((name) => [name, (globalThis as Record<string, unknown>)[name]]));
  // A realm of its own has byte arrays of its own, which the platform's own classes would not know.
  const context = vm.createContext({ ...globals, ArrayBuffer, Uint8Array });
  const { code, gzipBytes } = await bundledPage();
  vm.runInContext(`${code};globalThis.page = page;`, context);
  const { page } = context as unknown as { page: typeof import("../src/app-server-line/browser/page.ts") };
  expect(await page.useAppServer(listener.url, "/srv")).toEqual({
    server: "linux",
    said: "grün",
    exitCode: 3,
    back: "written",
    wrong: -32600,
    pipes: true,
    header: true,
    state: "closed",
  });
  // Most of it is the validators.
  expect(gzipBytes).toBeLessThan(200 * 1024);
});
