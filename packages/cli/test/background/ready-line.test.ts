import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { BadLine, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast, serve, testEnvironment } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";
import { farBox, WAYS } from "../support/far-box.ts";
import { hold } from "../support/held.ts";

const WAY = '["anywhere"]';

/** The environment of commands that use background connections, whose sockets are in this folder. */
function environment(folder: TempDir): Record<string, string> {
  chmodSync(folder.path, 0o700);
  return { HOLDFAST_BACKGROUND: "always", XDG_RUNTIME_DIR: folder.path };
}

function sockets(folder: TempDir): readonly string[] {
  const place = folder.join("holdfast");
  return existsSync(place) ? readdirSync(place).filter((name) => /^line-[0-9a-f]+$/.test(name)) : [];
}

/** Those of the processes of this machine that are background connections with this folder for their sockets. */
function backgroundPids(folder: TempDir): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const isOne = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("background-line");
        return isOne && readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder.path);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Resolves when nothing but the line that is kept ready is open, and its handshakes are over. */
async function isReady(line: BadLine): Promise<void> {
  let bytes = -1;
  let sinceMs = 0;
  await until(
    () => {
      if (line.openCount !== 1 || line.bytesOf("down") !== bytes) {
        bytes = line.bytesOf("down");
        sinceMs = performance.now();
      }
      return bytes > 0 && performance.now() - sinceMs > 700;
    },
    { deadlineMs: 20_000 },
  );
}

/** Start one as a command does, and wait until it listens. */
async function background(
  folder: TempDir,
  url: string,
  idleMs = 60_000,
): Promise<{ child: ChildProcess; socket: string }> {
  const socket = folder.join("holdfast", "line-1");
  const env = { ...testEnvironment(), ...environment(folder) };
  const child = spawn(process.execPath, [BIN, "background-line"], { stdio: ["pipe", "ignore", "inherit"], env });
  child.stdin?.end(JSON.stringify({ url, credentials: {}, socket, way: WAY, idleMs }));
  await until(() => existsSync(socket));
  return { child, socket };
}

/** What somebody who says this is told. */
async function told(socket: string, words: string): Promise<string> {
  const client = createConnection({ path: socket });
  client.write(words);
  const heard = await Promise.race([once(client, "data"), once(client, "close").then(() => [""])]);
  client.destroy();
  return String(heard[0]);
}

describe.skipIf(process.platform !== "linux")("a background connection", () => {
  test("is left by a command, and serves the next one, which needs no connection of its own", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    const env = environment(folder);
    const exec = (script: string) => holdfast(["exec", "--url", line.url, "--", "sh", "-c", script], { env });
    expect((await exec("echo first")).stdout.toString()).toBe("first\n");
    await isReady(line);
    line.refuse();
    const second = await exec("echo second; exit 7");
    expect([second.code, second.stdout.toString(), second.stderr]).toEqual([7, "second\n", ""]);
    line.admit();
    await until(() => line.openCount === 1);
    expect((await holdfast(["info", "--json", "--url", line.url], { env })).code).toBe(0);
  });

  test("spares the next command the way over ssh", { timeout: 90_000 }, async () => {
    const [way = "a program like ssh"] = WAYS;
    await using folder = await tempDir();
    await using box = await farBox(way);
    const env = { ...environment(folder), ...box.env, HOLDFAST_BACKGROUND: "1" };
    expect((await holdfast(["exec", "--", "echo", "first"], { env })).stdout.toString()).toBe("first\n");
    const again = async () => (await holdfast(["exec", "--debug", "--", "echo", "again"], { env })).stdout.toString();
    await until(() => sockets(folder).length === 1);
    // From now on, nobody gets there who has to go.
    const [file = ""] = box.ssh.split(" ").slice(-1);
    const config = readFileSync(file, "utf8");
    await until(
      async () => {
        writeFileSync(file, "broken\n");
        const isReady = (await again()) === "again\n";
        writeFileSync(file, config);
        return isReady;
      },
      { deadlineMs: 60_000, intervalMs: 500 },
    );
    for (const pid of backgroundPids(folder)) process.kill(pid, "SIGTERM");
  });

  test("passes on 64 MiB each way, and a line that is lost is found again by the command itself", {
    timeout: 90_000,
  }, async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--spool", folder.join("spool")] });
    await using line = await BadLine.to(server.url);
    const env = environment(folder);
    await holdfast(["exec", "--url", line.url, "--", "true"], { env });
    await isReady(line);
    const sent = Buffer.alloc(64 * 1024 * 1024, "0123456789abcdefghijklmnopqrstuvwxyz\n");
    await using cli = new Cli(["exec", "--url", line.url, "--", "cat"], { env, stdin: sent });
    await until(() => cli.stdout.length > 8 * 1024 * 1024);
    line.cut();
    const { code, stdout } = await cli.result();
    expect(code).toBe(0);
    expect(stdout.equals(sent)).toBe(true);
  });

  test("has no secret where others see it, and a socket that is for its user alone", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    const env = environment(folder);
    const url = server.url.replace("ws://", "ws://user:secret@");
    await holdfast(["exec", "--url", url, "--", "true"], { env });
    await until(() => sockets(folder).length === 1);
    const [socket = ""] = sockets(folder);
    expect(statSync(folder.join("holdfast")).mode & 0o777).toBe(0o700);
    expect(statSync(folder.join("holdfast", socket)).mode & 0o777).toBe(0o600);
    const pids = backgroundPids(folder);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) {
      expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain("secret");
      // Nor does it keep the file system of the folder busy from which the command was run.
      expect(readlinkSync(`/proc/${pid}/cwd`)).toBe("/");
    }
  });

  test("serves nobody who does not show what it has shown", async () => {
    await using folder = await tempDir();
    const token = folder.join("token");
    await writeFile(token, "a-long-secret", { mode: 0o600 });
    await using server = await serve({ args: ["--ws-auth", "capability-token", "--ws-token-file", token] });
    const env = environment(folder);
    const exec = (more: Record<string, string>) =>
      holdfast(["exec", "--url", server.url, "--", "echo", "in"], { env: { ...env, ...more } });
    const withToken = { HOLDFAST_TOKEN: "a-long-secret" };
    expect((await exec(withToken)).stdout.toString()).toBe("in\n");
    await until(() => sockets(folder).length === 1);
    for (const pid of backgroundPids(folder)) {
      expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("a-long-secret");
    }
    expect((await exec(withToken)).stdout.toString()).toBe("in\n");
    for (const other of [{}, { HOLDFAST_TOKEN: "another-secret" }]) {
      const { code, stderr } = await exec(other as Record<string, string>);
      expect([code, stderr]).toEqual([255, expect.stringContaining("it wants a token")]);
    }
    await using held = await hold(server.url, { args: ["--token-file", token] });
    expect((await holdfast(["exec", "--url", held.url, "--", "echo", "held"])).stdout.toString()).toBe("held\n");
  });

  test("is told nothing where others may listen in its place", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    const env = environment(folder);
    const exec = () => holdfast(["exec", "--url", server.url, "--", "echo", "done"], { env });
    await exec();
    const [name = ""] = await until(() => sockets(folder).length === 1 && sockets(folder));
    for (const pid of backgroundPids(folder)) process.kill(pid, "SIGTERM");
    await until(() => backgroundPids(folder).length === 0);
    chmodSync(folder.join("holdfast"), 0o770);
    let visitors = 0;
    const stranger = createServer((socket) => {
      visitors += 1;
      socket.destroy();
    });
    stranger.listen(folder.join("holdfast", name));
    await once(stranger, "listening");
    expect((await exec()).stdout.toString()).toBe("done\n");
    expect(visitors).toBe(0);
    stranger.close();
  });

  test.each(["--no-background", "HOLDFAST_BACKGROUND=0"])("is not used and not left with %s", async (how) => {
    await using folder = await tempDir();
    await using server = await serve();
    const isOption = how.startsWith("--");
    const env = { ...environment(folder), ...(isOption ? {} : { HOLDFAST_BACKGROUND: "0" }) };
    const args = ["exec", "--url", server.url, ...(isOption ? [how] : []), "--", "true"];
    expect((await holdfast(args, { env })).code).toBe(0);
    expect(backgroundPids(folder)).toEqual([]);
  });

  test("delays nobody when it hangs, and hurts nobody when it was killed", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    const env = environment(folder);
    const run = () => holdfast(["exec", "--url", server.url, "--", "echo", "done"], { env });
    await run();
    await until(() => sockets(folder).length === 1 && backgroundPids(folder).length === 1);
    const [pid = 0] = backgroundPids(folder);
    process.kill(pid, "SIGSTOP");
    expect((await run()).stdout.toString()).toBe("done\n");
    process.kill(pid, "SIGKILL");
    expect((await run()).stdout.toString()).toBe("done\n");
  });

  test("tells nobody anything who does not name what it leads to, and serves who does", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    const { child, socket } = await background(folder, line.url);
    await isReady(line);
    expect(await told(socket, `take ["elsewhere"]\n`)).toBe("");
    expect(await until(async () => (await told(socket, `take ${WAY}\n`)) || undefined)).toBe("ready\n");
    child.kill("SIGTERM");
    expect((await once(child, "exit"))[0]).toBe(0);
    expect(existsSync(socket)).toBe(false);
  });

  test.skipIf(unconfinable !== undefined)(`is not there for a confined command${skipped}`, async () => {
    await using folder = await tempDir();
    const env = environment(folder);
    await using server = await serve({ env, cwd: folder.path });
    const { child, socket } = await background(folder, server.url);
    const script = `ls -A ${folder.join("holdfast")}; test -S ${socket} && echo found`;
    const args = [
      "exec",
      "--url",
      server.url,
      "--no-background",
      "--sandbox",
      "workspace-write",
      "--",
      "sh",
      "-c",
      script,
    ];
    expect((await holdfast(args, { env })).stdout.toString()).toBe("");
    expect(existsSync(socket)).toBe(true);
    child.kill();
    await once(child, "exit");
  });

  test("ends when nobody has come for long, and when another has its name", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    const idle = await background(folder, server.url, 700);
    expect((await once(idle.child, "exit"))[0]).toBe(0);
    expect(existsSync(idle.socket)).toBe(false);
    const first = await background(folder, server.url);
    const second = spawn(process.execPath, [BIN, "background-line"], {
      stdio: ["pipe", "ignore", "inherit"],
      env: { ...testEnvironment(), ...environment(folder) },
    });
    second.stdin?.end(
      JSON.stringify({ url: server.url, credentials: {}, socket: first.socket, way: WAY, idleMs: 60_000 }),
    );
    // There is one already.
    expect((await once(second, "exit"))[0]).toBe(0);
    mkdirSync(folder.join("elsewhere"));
    const { rename } = await import("node:fs/promises");
    await rename(first.socket, folder.join("elsewhere", "line-1"));
    expect((await once(first.child, "exit"))[0]).toBe(0);
  });
});
