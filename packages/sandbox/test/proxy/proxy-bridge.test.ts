import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { initImage, type ListenerMessage } from "../../src/init/init-image.ts";
import type { ProxyRoute } from "../../src/launch-plan.ts";
import { createProxyBridge, type ListeningSocket, type ProxyBridge } from "../../src/proxy/proxy-bridge.ts";
import { seccompProgram } from "../../src/seccomp/seccomp-program.ts";
import { whyUnavailable } from "../seccomp/confined.ts";
import { httpServer, portOf, proxied } from "./proxied.ts";

const unavailable = await whyUnavailable();
const skipped = unavailable === undefined ? "" : ` (skipped: ${unavailable})`;
const arch = process.arch === "arm64" ? "arm64" : "x64";
const FRAME = ["--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user"];
FRAME.push("--unshare-pid", "--unshare-net", "--cap-drop", "ALL", "--seccomp", "3");
const STAGE = "/dev/stage";

/** The limit on processes does not bind root. */
const AS_NOBODY = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

const [SECCOMP_FD, STAGE_FD, CHANNEL_FD] = [3, 4, 5];
const STAGE_WORDS = ["--perms", "0755", "--ro-bind-data", String(STAGE_FD), STAGE];

function confine(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  ports: readonly number[],
): ChildProcess {
  const child = spawn("bwrap", [...FRAME, ...STAGE_WORDS, "--", STAGE], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "ipc"],
  });
  const feed = (fd: number, bytes: Uint8Array) => (child.stdio[fd] as NodeJS.WritableStream).end(bytes);
  feed(SECCOMP_FD, seccompProgram({ arch, mode: "proxyOnly" }));
  feed(STAGE_FD, initImage({ arch, argv, env, ports, channelFd: CHANNEL_FD }));
  return child;
}

function bridgeProxyRoutes(
  child: ChildProcess,
  routes: readonly ProxyRoute[],
  failed?: (reason: Error) => void,
): ProxyBridge {
  const bridge = createProxyBridge(routes, failed);
  child.on("message", (message, handle) => {
    bridge.accept((message as ListenerMessage).innerPort, handle as ListeningSocket);
  });
  child.once("disconnect", () => bridge.channelEnded());
  return bridge;
}

async function outcome(child: ChildProcess) {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "close"),
  ]);
  return { stdout, stderr, exitCode };
}

/** Asks a URL through the proxy of the environment, and straight, and tells what came of both. */
const ASK = `
const http = require("node:http");
const ask = (options) => new Promise((resolve) => {
  const request = http.get(options, (response) => {
    let body = ""; response.on("data", (chunk) => (body += chunk)); response.on("end", () => resolve(body));
  });
  request.on("error", (error) => resolve(error.code));
});
const [, url, direct] = process.argv;
const proxy = new URL(process.env.HTTP_PROXY);
Promise.all([ask({ host: proxy.hostname, port: proxy.port, path: url, headers: { host: new URL(url).host } }), ask(direct)])
  .then((answers) => require("node:fs").writeSync(1, JSON.stringify({ answers, env: Object.keys(process.env) })));
`;

describe.skipIf(unavailable !== undefined)(`a command in a private network${skipped}`, () => {
  test("reaches the proxy at its inner port, nothing else, and inherits nothing of the way", async () => {
    await using web = await httpServer((request, response) => response.end(`hello ${request.url}`));
    await using proxy = await proxied({ upstream: web, allow: ["a.test"] });
    const routes = [proxy.httpPort, proxy.socksPort ?? 0].map((port, index) => ({
      host: "127.0.0.1" as const,
      port,
      innerPort: 20_000 + index,
    }));
    const env = { HTTP_PROXY: "http://127.0.0.1:20000" };
    const argv = [process.execPath, "-e", ASK, "http://a.test/x", `http://127.0.0.1:${portOf(web)}/`];
    const child = confine(argv, env, [20_000, 20_001]);
    const bridge = bridgeProxyRoutes(child, routes);
    const [{ stdout, stderr, exitCode }] = await Promise.all([outcome(child), bridge.ready]);
    bridge.close();
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual({ answers: ["hello /x", "ECONNREFUSED"], env: ["HTTP_PROXY"] });
  });

  test("has no descriptor of its starter, and no capability", async () => {
    const script =
      'for fd in /proc/$$/fd/*; do echo "$(basename "$fd") $(readlink "$fd")"; done; grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status';
    const child = confine(["/bin/sh", "-c", script], { PATH: "/usr/bin:/bin" }, [20_000]);
    const bridge = bridgeProxyRoutes(child, [{ host: "127.0.0.1", port: 9, innerPort: 20_000 }]);
    const { stdout } = await outcome(child);
    await bridge.ready;
    bridge.close();
    expect(stdout).toContain("CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2");
    const sockets = stdout.split("\n").filter((line) => line.includes("socket:"));
    // Its output; everything above would be the channel or a listener.
    expect(sockets.filter((line) => !/^[012] /.test(line))).toEqual([]);
  });

  test("that can not be found ends with 127 and says so", async () => {
    const child = confine(["no-such-program"], { PATH: "/usr/bin" }, []);
    expect(await outcome(child)).toEqual({
      stdout: "",
      stderr: "holdfast: cannot execute no-such-program: No such file or directory (os error 2)\n",
      exitCode: 127,
    });
  });

  test("has no more processes than it may have, other than root", async () => {
    // Ends by itself: sixty are asked for, and each of them lives for a while.
    const script = "i=0; while [ $i -lt 60 ]; do sleep 20 & i=$((i + 1)); echo $i; done";
    const stage = { arch, argv: ["/bin/sh", "-c", script], env: { PATH: "/usr/bin:/bin" }, ports: [] } as const;
    const [program = "", ...args] = [...AS_NOBODY, "bwrap", ...FRAME, ...STAGE_WORDS, "--", STAGE];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"] });
    const feed = (fd: number, bytes: Uint8Array) => (child.stdio[fd] as NodeJS.WritableStream).end(bytes);
    feed(SECCOMP_FD, seccompProgram({ arch, mode: "restricted" }));
    feed(STAGE_FD, initImage({ ...stage, channelFd: CHANNEL_FD, maxProcesses: 20 }));
    const { stdout, stderr } = await outcome(child);
    const started = stdout.trim().split("\n").length;
    // Process 1 and the shell count as well.
    expect({ started, stderr }).toEqual({ started: 18, stderr: expect.stringMatching(/[Cc]annot fork/) });
  });

  test("whose way was never opened is told apart", async () => {
    const child = confine(["/bin/sh", "-c", "exit 0"], {}, []);
    const told: string[] = [];
    const route = { host: "127.0.0.1", port: 9, innerPort: 20_000 } as const;
    const bridge = bridgeProxyRoutes(child, [route], ({ message }) => told.push(message));
    await expect(bridge.ready).rejects.toThrow("the sandbox did not open its way to the proxy");
    await outcome(child);
    bridge.close();
    expect(told).toEqual(["the sandbox did not open its way to the proxy"]);
  });
});

test("a way that can not be served is told once, and not after it was closed", async () => {
  const route = { host: "127.0.0.1", port: 9, innerPort: 20_000 } as const;
  const unusable = { fd: 1_000_000 };
  const told: string[] = [];
  const bridge = createProxyBridge([route], ({ message }) => told.push(message));
  bridge.accept(route.innerPort, unusable);
  await expect(bridge.ready).rejects.toThrow(/^listen E/);
  expect(told).toEqual([expect.stringMatching(/^listen E/)]);
  const closed = createProxyBridge([route], () => told.push("late"));
  closed.close();
  closed.channelEnded();
  await expect(closed.ready).rejects.toThrow("the sandbox did not open its way");
  expect(told).toHaveLength(1);
});
