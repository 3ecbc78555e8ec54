import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { canConfine, confinedTo, special, type Workspace, workspace } from "../confinement/sandbox.ts";
import { Line, newExecutor } from "../wire/line.ts";

const TRANSPORTS = ["tcp", "unix"] as const;
const MODES = ["plain", "undumpable", "heir", "leaves", "abandoned", "in-flight"];
const CLIENT = fileURLToPath(new URL("./hostile-client.ts", import.meta.url));

/** Everything readable, the workspace writable, and the network of this machine. */
function networked(root: string) {
  return confinedTo(root, [special("root", "read"), special("project_roots", "write")], "enabled");
}

type Transport = "tcp" | "unix";

/** An executor that is reached in memory by the test, and over TCP or a unix socket by whoever is let in. */
async function served(transport: Transport = "tcp") {
  const executor = newExecutor({ env: process.env });
  const line = await Line.ready({}, executor);
  const admission = executor.admission({ otherLocalUsers: false, otherMachines: false, transport });
  const verdicts: string[] = [];
  const folder = await tempDir();
  const listener = await listenWebSocket({
    ...(transport === "tcp" ? { host: "127.0.0.1", port: 0 } : { path: folder.join("s") }),
    onPort: (port) => executor.accept(port),
    authorize: async (_request, connection) => {
      const verdict = await admission.judge(connection);
      verdicts.push(verdict.kind === "admitted" ? verdict.name : verdict.reason);
      return verdict.kind === "admitted"
        ? { principal: { name: verdict.name } }
        : { refusal: { status: 403, body: verdict.reason } };
    },
  });
  return {
    line,
    verdicts,
    url: listener.url,
    port: transport === "tcp" ? new URL(listener.url).port : folder.join("s"),
    async [Symbol.asyncDispose]() {
      await Promise.all([executor.close(), listener.close()]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function hostile(mode: string, port: string, proof: string) {
  return [process.execPath, CLIENT, mode, port, proof];
}

function start(line: Line, id: string, argv: readonly string[], folder: Workspace, more: object = {}) {
  return line.start(id, argv, { cwd: folder.uri, env: { PATH: process.env.PATH }, ...more });
}

describe.skipIf(!canConfine)("a confined command with a network", () => {
  test.each(TRANSPORTS.flatMap((transport) => MODES.map((mode) => [mode, transport] as const)))(
    "can't drive the executor that confines it, whatever it does with its socket (%s, %s)",
    async (mode, transport) => {
      using folder = workspace();
      await using server = await served(transport);
      const argv = hostile(mode, server.port, folder.at("proof"));
      await start(server.line, "p", argv, folder, { sandbox: networked(folder.path) });
      await until(() => server.verdicts.length > 0, { deadlineMs: 20_000 });
      expect(server.verdicts).toEqual([expect.stringMatching(/can't be told|confined process, which may not drive/)]);
      if (transport === "unix" && !["leaves", "abandoned"].includes(mode)) {
        expect(server.verdicts).toEqual([expect.stringMatching(/confined process/)]);
      }
      // Another connection is answered after whatever the first one may have started.
      expect(await server.line.run("q", ["true"])).toBe("");
      expect(existsSync(folder.at("proof"))).toBe(false);
    },
  );

  test.each(TRANSPORTS)(
    "keeps no other process of the user from connecting, nor those that run unconfined (%s)",
    async (transport) => {
      using folder = workspace();
      await using server = await served(transport);
      await start(server.line, "p", ["sleep", "60"], folder, { sandbox: networked(folder.path) });
      const argv = hostile("plain", server.port, folder.at("proof"));
      expect(await server.line.run("q", argv, { cwd: folder.uri, env: { PATH: process.env.PATH } })).toMatch(/ 101 /);
      await until(() => existsSync(folder.at("proof")), { deadlineMs: 10_000 });
      const [file = "", ...args] = hostile("plain", server.port, folder.at("again"));
      const child = spawn(file, args, { stdio: "ignore" });
      await until(() => existsSync(folder.at("again")), { deadlineMs: 10_000 });
      child.kill("SIGKILL");
      const own = expect.stringMatching(transport === "tcp" ? /^user \d+$/ : /^user \d+, process \d+$/);
      expect(server.verdicts).toEqual([own, own]);
    },
  );

  test.each(TRANSPORTS)(
    "is still minded shortly after its end: what it sent may only arrive then (%s)",
    async (transport) => {
      using folder = workspace();
      await using server = await served(transport);
      await server.line.run("p", ["true"], { cwd: folder.uri, sandbox: networked(folder.path) });
      await expect(connectWebSocket(server.url)).rejects.toThrow(
        /of the executor itself, on behalf of a confined command/,
      );
    },
  );

  test.each(TRANSPORTS)("can't drive an executor of the same user that knows nothing of it (%s)", async (transport) => {
    using folder = workspace();
    await using server = await served(transport);
    await using other = await Line.ready({ env: process.env });
    const argv = hostile("plain", server.port, folder.at("proof"));
    await other.run("p", argv, { cwd: folder.uri, env: { PATH: process.env.PATH }, sandbox: networked(folder.path) });
    const hidden = hostile("undumpable", server.port, folder.at("proof"));
    await other.run("q", hidden, { cwd: folder.uri, env: { PATH: process.env.PATH }, sandbox: networked(folder.path) });
    expect(server.verdicts).toEqual([
      expect.stringMatching(/sandbox or container.*--allow-other-local-users/),
      // Root may look at everybody's descriptors.
      expect.stringMatching(
        process.geteuid?.() === 0 || transport === "unix" ? /sandbox or container/ : /can't be told/,
      ),
    ]);
    expect(existsSync(folder.at("proof"))).toBe(false);
  });

  test("that reaches a proxy of the executor's only, does not get in through that", async () => {
    using folder = workspace();
    await using server = await served();
    const proxy = {
      enabled: true,
      enableSocks5: false,
      enableSocks5Udp: false,
      allowUpstreamProxy: false,
      dangerouslyAllowAllUnixSockets: false,
      allowLocalBinding: true,
      mode: "full",
      domains: { "127.0.0.1": "allow" },
    };
    const script = `
      const net = require("node:net");
      const proxy = new URL(process.env.HTTP_PROXY ?? process.env.http_proxy);
      const socket = net.connect(Number(proxy.port), proxy.hostname);
      socket.write("CONNECT 127.0.0.1:${server.port} HTTP/1.1\\r\\nHost: 127.0.0.1:${server.port}\\r\\n\\r\\n");
      socket.once("data", (head) => {
        console.log(String(head).split("\\r\\n")[0]);
        socket.write("GET / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n");
        socket.once("data", (answer) => { console.log(String(answer).split("\\r\\n")[0]); process.exit(0); });
      });`;
    const sandbox = confinedTo(folder.path, [special("root", "read"), special("project_roots", "write")]);
    const text = await server.line.run("p", [process.execPath, "-e", script], {
      cwd: folder.uri,
      env: { PATH: process.env.PATH },
      sandbox,
      enforceManagedNetwork: true,
      networkProxy: { proxy },
    });
    expect(text).toBe("HTTP/1.1 200 OK\nHTTP/1.1 403 Forbidden\n");
    expect(server.verdicts).toEqual([expect.stringMatching(/of the executor itself/)]);
  });
});
