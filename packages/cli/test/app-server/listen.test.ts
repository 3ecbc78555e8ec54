import { statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { connectAppServer } from "@holdfast/app-server-client";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast } from "../support/cli.ts";
import { servedAppServer } from "./served.ts";

const INITIALIZE = { id: 0, method: "initialize", params: { clientInfo: { name: "t", version: "1" } } };

/** Status, body and headers of an HTTP request. */
async function asked(url: string, path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const { hostname, port } = new URL(url);
  return await new Promise<{ status: number; body: string; allow: string | undefined }>((resolve, reject) => {
    const sent = request({ hostname, port, path, ...options }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body, allow: answer.headers.allow }));
    });
    sent.on("error", reject).end();
  });
}

describe("on a port", () => {
  test("it says where it listens on stderr and nothing on stdout, and SIGTERM ends it well, with its clients", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0");
    const { cli, url, home } = served;
    expect(cli.stderr).toBe(
      [
        "holdfast app-server (WebSockets)",
        `  listening on: ${url}`,
        `  readyz: ${url.replace("ws", "http")}/readyz`,
        `  healthz: ${url.replace("ws", "http")}/healthz`,
        "  note: binds localhost only (use SSH port-forwarding for remote access)",
        "",
      ].join("\n"),
    );
    await using client = await connectAppServer(url);
    expect(client.serverInfo.codexHome).toBe(home);
    cli.child.kill("SIGTERM");
    expect(await cli.result()).toMatchObject({ code: 0, signal: null, stdout: Buffer.alloc(0) });
  });

  test("it takes clients on any path, answers probes without credentials, and refuses web pages", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0");
    const { url } = served;
    for (const path of ["/", "/rpc", "/a/b?c"]) {
      const port = await connectWebSocket(`${url}${path}`);
      await using client = await connectAppServer(port);
      expect(client.serverInfo.platformFamily).toBe("unix");
    }
    for (const path of ["/readyz", "/healthz"]) {
      expect(await asked(url, path)).toMatchObject({ status: 200, body: "" });
      expect(await asked(url, path, { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
      expect(await asked(url, path, { method: "POST" })).toEqual({ status: 405, body: "", allow: "GET,HEAD" });
    }
    expect(await asked(url, "/")).toMatchObject({
      status: 400,
      body: "Connection header did not include 'upgrade'",
    });
    const headers = { origin: "http://127.0.0.1" };
    for (const path of ["/", "/readyz"])
      expect(await asked(url, path, { headers })).toMatchObject({ status: 403, body: "" });
    const upgrade = { ...headers, connection: "upgrade", upgrade: "websocket" };
    expect(await asked(url, "/", { headers: upgrade })).toMatchObject({ status: 403, body: "" });
  });

  test("it asks for the token that it was given, before anything is said", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0", [
      "--ws-auth",
      "capability-token",
      "--ws-token-sha256",
      // Of `token`.
      "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0",
    ]);
    const { url } = served;
    await expect(connectWebSocket(url)).rejects.toThrow("missing websocket bearer token");
    await expect(connectWebSocket(url, { headers: { authorization: "Bearer tokem" } })).rejects.toThrow(
      "invalid websocket bearer token",
    );
    const port = await connectWebSocket(url, { headers: { authorization: "bearer token" } });
    await using client = await connectAppServer(port);
    expect(client.serverInfo.userAgent).toContain("holdfast");
    expect(await asked(url, "/readyz")).toMatchObject({ status: 200 });
  });
});

describe("on a unix socket", () => {
  test("it makes one below the home of Codex that is for its user alone, and takes it away", async () => {
    await using served = await servedAppServer("unix://");
    const { cli, home } = served;
    const path = join(home, "app-server-control", "app-server-control.sock");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "app-server-control")).mode & 0o777).toBe(0o700);
    await using client = await connectAppServer(`unix://${path}`);
    expect(client.serverInfo.codexHome).toBe(home);
    cli.child.kill("SIGTERM");
    expect(await cli.result()).toMatchObject({ code: 0 });
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  test("it makes the folder of a path, which may be relative", async () => {
    await using served = await servedAppServer("unix://below/it.sock");
    await using client = await connectAppServer(`unix://${join(served.home, "below", "it.sock")}`);
    expect(client.serverInfo.codexHome).toBe(served.home);
  });
});

describe("on its stdin and stdout", () => {
  test.each([[], ["--stdio"], ["--listen", "stdio://"]])(
    "it serves one client, and ends well with its input: %j",
    async (...args) => {
      await using home = await tempDir();
      const frame = `${JSON.stringify(INITIALIZE)}\n`;
      const result = await holdfast(["app-server", ...args], { stdin: frame, env: { CODEX_HOME: home.path } });
      expect(result).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(result.stdout.toString())).toMatchObject({ id: 0, result: { codexHome: home.path } });
    },
  );

  test("it has the members of the configuration that it is given", async () => {
    await using home = await tempDir();
    const read = { id: 1, method: "config/read", params: { includeLayers: false } };
    const stdin = [INITIALIZE, read].map((message) => `${JSON.stringify(message)}\n`).join("");
    const args = ["-c", 'model="given"', "--config", "tools.web_search=true"];
    await using cli = new Cli(["app-server", ...args], { stdin: "open-pipe", env: { CODEX_HOME: home.path } });
    cli.child.stdin?.write(stdin);
    const answer = await until(() =>
      cli.stdout
        .toString()
        .split("\n")
        .find((line) => line.startsWith('{"id":1')),
    );
    expect(JSON.parse(answer)).toMatchObject({ result: { config: { model: "given", tools: { web_search: true } } } });
  });

  test("it ends well at SIGTERM", async () => {
    await using home = await tempDir();
    await using cli = new Cli(["app-server"], { stdin: "open-pipe", env: { CODEX_HOME: home.path } });
    cli.child.stdin?.write(`${JSON.stringify(INITIALIZE)}\n`);
    await until(() => cli.stdout.length > 0);
    cli.child.kill("SIGTERM");
    expect(await cli.result()).toMatchObject({ code: 0, signal: null });
  });
});

describe("what it is told", () => {
  const expected = "expected `stdio://`, `unix://`, `unix://PATH`, `ws://IP:PORT`, or `off`";
  test.each<[args: string[], code: number, why: string]>([
    [["--listen", "foo"], 2, `unsupported --listen URL \`foo\`; ${expected}`],
    [["--listen", "wss://127.0.0.1:0"], 2, `unsupported --listen URL \`wss://127.0.0.1:0\`; ${expected}`],
    ...["localhost:0", "127.0.0.1", "127.0.0.1:0/x", "127.0.0.1:65536", "1.2.3:4", "[127.0.0.1]:0"].map(
      (rest): [string[], number, string] => [
        ["--listen", `ws://${rest}`],
        2,
        `invalid websocket --listen URL \`ws://${rest}\`; expected \`ws://IP:PORT\``,
      ],
    ),
    [["--listen", "off"], 1, "no transport configured; use --listen "],
    [["-c", "model"], 2, "--config must be NAME=VALUE, not 'model'"],
    [["--stdio", "--listen", "off"], 2, "--stdio is --listen stdio://"],
    ...["0.0.0.0:0", "[::]:7"].map((address): [string[], number, string] => [
      ["--listen", `ws://${address}`],
      1,
      `refusing to start non-loopback websocket listener ${address} without auth; configure \`--ws-auth capability-token\` or \`--ws-auth signed-bearer-token\``,
    ]),
    [
      ["--listen", "ws://127.0.0.1:0", "--ws-auth", "capability-token"],
      1,
      "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set",
    ],
    [
      ["--listen", "ws://127.0.0.1:0", "--ws-issuer", "me"],
      1,
      "websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`",
    ],
    [["--listen", `unix:///${"x".repeat(200)}`], 2, "invalid unix socket --listen URL"],
  ])("%j ends with %i and why", async (args, code, why) => {
    await using home = await tempDir();
    const result = await holdfast(["app-server", ...args], { env: { CODEX_HOME: home.path } });
    expect(result).toMatchObject({ code, stdout: Buffer.alloc(0) });
    expect(result.stderr).toContain(`holdfast app-server: ${why}`);
    expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a port that is in use is told in one line", async () => {
    await using served = await servedAppServer("ws://127.0.0.1:0");
    const result = await holdfast(["app-server", "--listen", served.url], { env: { CODEX_HOME: served.home } });
    expect(result).toMatchObject({ code: 1 });
    expect(result.stderr).toContain("the port is in use");
  });
});
