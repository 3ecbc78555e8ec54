import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { MachineSandboxing, type Sandboxing } from "../../src/confinement/index.ts";
import { Line } from "../wire/line.ts";
import { canConfine, confinedTo, literal, minimalWrite, special, workspace, workspaceWrite } from "./sandbox.ts";

function exitOf(line: Line, id: string) {
  return line.of(id).find(({ method }) => method === "process/exited")?.params;
}

const PROXY = {
  enabled: true,
  enableSocks5: true,
  enableSocks5Udp: false,
  allowUpstreamProxy: false,
  dangerouslyAllowAllUnixSockets: false,
  mode: "full",
  allowLocalBinding: true,
  domains: { localhost: "allow" },
};

function proxied(more: object = {}) {
  return {
    networkProxy: { proxy: { ...PROXY, ...more } },
    enforceManagedNetwork: true,
  };
}

interface Web extends AsyncDisposable {
  readonly port: number;
  readonly asked: string[];
}

/** An HTTP server that answers what it was asked for. */
async function web(): Promise<Web> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(`hello ${request.url}`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Asks URLs through the proxy of the environment, and ports straight; tells what came of each. */
const ASK = `
const http = require("node:http"), net = require("node:net");
const ask = (options) => new Promise((resolve) => {
  const request = http.get(options, (response) => {
    let body = ""; response.on("data", (chunk) => (body += chunk)); response.on("end", () => resolve(response.statusCode + " " + body));
  });
  request.on("error", (error) => resolve(error.code));
});
const proxy = new URL(process.env.HTTP_PROXY);
const via = (url) => ask({ host: proxy.hostname, port: proxy.port, path: url, headers: { host: new URL(url).host } });
const own = () => new Promise((resolve) => {
  const server = net.createServer((socket) => socket.end("own")).on("error", (error) => resolve(error.code));
  server.listen(0, "127.0.0.1", () => {
    net.connect(server.address().port, "127.0.0.1").on("data", (data) => { resolve(String(data)); server.close(); });
  });
});
const [, allowed, denied, direct] = process.argv;
(async () => {
  const answers = [await via(allowed), (await via(denied)).slice(0, 3), await ask(direct), await own()];
  require("node:fs").writeSync(1, JSON.stringify(answers));
})();
`;

function askArgv(port: number) {
  return [
    process.execPath,
    "-e",
    ASK,
    `http://localhost:${port}/in`,
    "http://denied.test/",
    `http://127.0.0.1:${port}/straight`,
  ];
}

const ASKED = ["200 hello /in", "403", "ECONNREFUSED", "own"];

/** Numbers of this process's descriptors that are pipes, sockets or memory. */
function descriptors() {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return /^(pipe|socket|\/memfd)/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}

describe.skipIf(!canConfine)("a command with a proxy of the executor", () => {
  test.each([
    ["its workspace", (path: string) => workspaceWrite(path)],
    ["the whole disk", (path: string) => confinedTo(path, [special("root", "write")])],
    ["a network of the machine's", (path: string) => confinedTo(path, [special("root", "read")], "enabled")],
    ["everything", () => ({ permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" })],
  ])("and %s reaches what is allowed by name, and nothing else", async (_, sandboxFor) => {
    using folder = workspace();
    await using origin = await web();
    await using line = await Line.ready();
    const more = { cwd: folder.uri, sandbox: sandboxFor(folder.path), ...proxied() };
    expect(JSON.parse(await line.run("p", askArgv(origin.port), more))).toEqual(ASKED);
    expect(origin.asked).toEqual(["/in"]);
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 0, sandboxDenied: false });
  });

  test("is led to it by its environment alone, whatever else that says", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const env = { PATH: "/usr/bin:/bin", Http_Proxy: "http://127.0.0.1:9", HTTPS_PROXY: "http://x.test", KEPT: "1" };
    const envPolicy = {
      inherit: "none",
      ignoreDefaultExcludes: false,
      exclude: ["*PROXY*"],
      set: {},
      includeOnly: ["PATH"],
    };
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path), env, envPolicy, ...proxied() };
    const variables = (await line.run("p", ["env"], more)).trim().split("\n");
    const named = (name: string) => variables.filter((each) => each.toUpperCase().startsWith(`${name}=`));
    expect(new Set(named("HTTP_PROXY").map((each) => each.split("=")[1])).size).toBe(1);
    expect(
      named("HTTP_PROXY")
        .map((each) => each.split("=")[0])
        .sort(),
    ).toEqual(["HTTP_PROXY", "http_proxy"]);
    expect(named("HTTPS_PROXY")[0]).toMatch(/=http:\/\/127\.0\.0\.1:\d+$/);
    expect(named("ALL_PROXY")[0]).toMatch(/=socks5h:\/\/127\.0\.0\.1:\d+$/);
    expect(variables).toContain("KEPT=1");
  });

  test("has no network at all where the proxy is not enforced and its profile gives none", async () => {
    using folder = workspace();
    await using origin = await web();
    await using line = await Line.ready();
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path), ...proxied(), enforceManagedNetwork: false };
    expect(await line.run("p", ["curl", "-s", `http://localhost:${origin.port}/`], more)).toBe("");
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 7 });
    expect(origin.asked).toEqual([]);
  });

  test("and no sandbox only gets the variables", async () => {
    await using origin = await web();
    await using line = await Line.ready();
    const script = `curl -s --noproxy '' http://localhost:${origin.port}/; curl -s -o /dev/null -w ' %{http_code}' http://denied.test/`;
    expect(await line.run("p", ["sh", "-c", script], proxied())).toBe("hello / 403");
  });

  test("leaves neither proxy nor descriptor behind, over fifty starts", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path), ...proxied() };
    const script = "echo $HTTP_PROXY $ALL_PROXY";
    await line.run("first", ["sh", "-c", script], more);
    const before = descriptors();
    for (let round = 0; round < 50; round += 1) {
      const text = await line.run(`p${round}`, ["sh", "-c", script], more);
      expect(text).toMatch(/^http:\/\/127\.0\.0\.1:\d+ socks5h:/);
    }
    await until(() => descriptors() <= before);
  });

  test("that can not be planned leaves none either", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const sandbox = confinedTo(folder.path, [literal("/nowhere", "read")]);
    const before = descriptors();
    const start = line.start("p", ["true"], { cwd: folder.uri, sandbox, ...proxied() });
    await expect(start).rejects.toMatchObject({ code: -32602 });
    await until(() => descriptors() <= before);
  });

  test.each([
    [{ enabled: false }, "invalid network proxy config: executor-local network proxy launch requires an enabled proxy"],
    [{ mode: "x" }, "unknown variant `x`, expected `limited` or `full`"],
    [
      { domains: { "*": "deny" } },
      "invalid network proxy config: invalid value for network.denied_domains: * (allowed exact hosts or scoped wildcards like *.example.com or **.example.com)",
    ],
  ])("is refused for %j", async (more, message) => {
    await using line = await Line.ready();
    await expect(line.start("p", ["true"], proxied(more))).rejects.toMatchObject({ code: -32602, message });
    expect(await line.run("p", ["echo", "free"])).toBe("free\n");
  });

  test("is offered", async () => {
    await using line = await Line.ready();
    const { capabilities } = await line.call("environment/info", undefined);
    expect(capabilities).toMatchObject({ networkProxyLaunch: true });
  });
});

describe.skipIf(!canConfine)("a command with a proxy of the client", () => {
  /** A proxy that answers every request with its target, and another server on the loopback. */
  async function scene() {
    const proxy = await web();
    const other = createTcpServer((socket) => socket.end("other"));
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    return {
      proxy,
      otherPort: (other.address() as AddressInfo).port,
      [Symbol.asyncDispose]: async () => {
        other.close();
        await proxy[Symbol.asyncDispose]();
      },
    };
  }

  test("reaches just that", async () => {
    using folder = workspace();
    await using there = await scene();
    await using line = await Line.ready();
    const { port } = there.proxy;
    const script = `curl -s http://any.test/x; curl -s http://127.0.0.1:${there.otherPort}/ --noproxy '*'; echo " $?"; echo $HTTP_PROXY`;
    const text = await line.run("p", ["sh", "-c", script], {
      cwd: folder.uri,
      sandbox: workspaceWrite(folder.path),
      env: { PATH: "/usr/bin:/bin", http_proxy: `http://localhost:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` },
      enforceManagedNetwork: true,
      managedNetwork: { loopbackPorts: [port], allowLocalBinding: false },
    });
    expect(text).toBe(`hello http://any.test/x 7\nhttp://127.0.0.1:${port}\n`);
  });

  test("can read the certificates that its owner wants trusted, in a folder of the proxy's and nowhere else", async () => {
    using folder = workspace();
    using hidden = workspace();
    mkdirSync(hidden.at("proxy"));
    writeFileSync(hidden.at("proxy", "bundle.pem"), "certificates\n");
    writeFileSync(hidden.at("other.pem"), "secret\n");
    await using line = await Line.ready();
    const start = (id: string, bundle: string, enforceManagedNetwork: boolean) =>
      line.run(id, ["cat", bundle], {
        cwd: folder.uri,
        sandbox: minimalWrite(folder.path),
        env: { PATH: "/usr/bin:/bin", HTTP_PROXY: "http://127.0.0.1:9", CODEX_CA_CERTIFICATE: bundle },
        enforceManagedNetwork,
        managedNetwork: { loopbackPorts: [9], allowLocalBinding: false },
      });
    expect(await start("bundle", hidden.at("proxy", "bundle.pem"), true)).toBe("certificates\n");
    expect(await start("other", hidden.at("other.pem"), true)).toContain("No such file");
    expect(await start("free", hidden.at("proxy", "bundle.pem"), false)).toContain("No such file");
  });

  test.each([
    ["no variable", {}, [9], "managed proxy mode requires proxy environment variables"],
    [
      "another port",
      { HTTP_PROXY: "http://127.0.0.1:10" },
      [9],
      "proxy endpoint is outside the managed sandbox context",
    ],
    [
      "no ports",
      { HTTP_PROXY: "http://127.0.0.1:10" },
      undefined,
      "proxy endpoint is outside the managed sandbox context",
    ],
    [
      "another host",
      { HTTP_PROXY: "http://x.test:9" },
      [9],
      "managed proxy mode requires parseable loopback proxy endpoints",
    ],
    ["no address", { HTTP_PROXY: "::::" }, [9], "managed proxy mode requires parseable loopback proxy endpoints"],
  ])("and %s in its environment does not start", async (_, env, loopbackPorts, reason) => {
    using folder = workspace();
    await using line = await Line.ready();
    const start = line.start("p", ["touch", folder.at("ran")], {
      cwd: folder.uri,
      sandbox: workspaceWrite(folder.path),
      env: { PATH: "/usr/bin:/bin", ...env },
      enforceManagedNetwork: true,
      ...(loopbackPorts === undefined ? {} : { managedNetwork: { loopbackPorts, allowLocalBinding: false } }),
    });
    const message = `failed to prepare process sandbox: ${reason}`;
    await expect(start).rejects.toMatchObject({ code: -32602, message });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("that its sandbox does not lead to is ended", async () => {
    using folder = workspace();
    const real = new MachineSandboxing({ env: { PATH: process.env.PATH }, cwd: "/nonexistent" });
    const sandboxing: Sandboxing = {
      isLikely: true,
      wasDenied: (outcome) => real.wasDenied(outcome),
      async plan(intent) {
        const plan = await real.plan(intent);
        // One more than the program inside opens.
        return { ...plan, proxyRoutes: [...plan.proxyRoutes, { host: "127.0.0.1", port: 9, innerPort: 40_000 }] };
      },
    };
    await using line = await Line.ready({ sandboxing });
    await line.run("p", ["sleep", "600"], {
      cwd: folder.uri,
      sandbox: workspaceWrite(folder.path),
      env: { PATH: "/usr/bin:/bin", http_proxy: "http://127.0.0.1:9" },
      enforceManagedNetwork: true,
      managedNetwork: { loopbackPorts: [9], allowLocalBinding: false },
    });
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 137 });
  });

  test("that is gone has no network", async () => {
    using folder = workspace();
    const gone = await web();
    await gone[Symbol.asyncDispose]();
    await using line = await Line.ready();
    await line.run("p", ["curl", "-s", "http://any.test/"], {
      cwd: folder.uri,
      sandbox: workspaceWrite(folder.path),
      env: { PATH: "/usr/bin:/bin", http_proxy: `http://127.0.0.1:${gone.port}` },
      enforceManagedNetwork: true,
      managedNetwork: { loopbackPorts: [gone.port], allowLocalBinding: false },
    });
    expect(exitOf(line, "p")?.exitCode).not.toBe(0);
  });
});
