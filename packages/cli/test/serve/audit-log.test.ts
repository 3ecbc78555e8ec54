import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createExecServerCodec } from "@holdfast/exec-server-protocol";
import { createPeer, type Peer } from "@holdfast/rpc";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast, lines, serve, testEnvironment } from "../support/cli.ts";

async function dial(url: string): Promise<Peer> {
  const peer = createPeer({ port: await connectWebSocket(url), codec: createExecServerCodec({ strict: true }) });
  await peer.call("initialize", { clientName: "log" });
  peer.notify("initialized", {});
  return peer;
}

function records(stderr: string): Record<string, unknown>[] {
  return lines(stderr).map((line) => JSON.parse(line));
}

describe("serve --log-level info", () => {
  test("says in JSON who connected, what was started without its arguments, and how it ended", async () => {
    await using server = await serve({ args: ["--log-level", "info", "--log-format", "json"] });
    await holdfast(["exec", "--url", server.url, "--", "sh", "-c", "exit 7", "hunter2"]);
    await until(() => server.stderr.includes('"client disconnected"'));
    expect(server.stderr).not.toContain("hunter2");
    const told = records(server.stderr);
    const principal = process.getuid?.() === 0 ? "user 0" : expect.stringMatching(/^user \d+$/);
    expect(told[0]).toMatchObject({ level: "info", message: "serving", url: server.url });
    expect(told[1]).toMatchObject({ level: "info", message: "client connected", principal, transport: "websocket" });
    expect(told.find(({ message }) => message === "command started")).toMatchObject({ program: "sh", arguments: 3 });
    expect(told.find(({ message }) => message === "command exited")).toMatchObject({ exitCode: 7 });
  });

  test("has the arguments with --log-commands, but for what looks like a secret", async () => {
    await using server = await serve({ args: ["--log-level", "info", "--log-format", "json", "--log-commands"] });
    await holdfast(["exec", "--url", server.url, "--", "echo", "visible", "--password=hunter2"]);
    await until(() => server.stderr.includes('"command exited"'));
    expect(records(server.stderr).find(({ message }) => message === "command started")).toMatchObject({
      argv: ["echo", "visible", "--password=***"],
    });
  });

  test("says what an executor on stdio does, too", async () => {
    await using server = new Cli(["serve", "--listen", "stdio", "--log-level", "info"], { stdin: "open-pipe" });
    await until(() => server.stderr.includes(" info client connected "));
    server.child.stdin?.end();
    await server.result();
    expect(server.stderr).toMatch(/ info client disconnected .*transport=|reason=/);
  });
});

test("a log in the journal of systemd has its priorities, and no other log has", async () => {
  await using folder = await tempDir();
  const journal = openSync(folder.join("journal"), "a");
  const { dev, ino } = fstatSync(journal, { bigint: true });
  const start = async (stream: string) => {
    const env = { ...testEnvironment(), JOURNAL_STREAM: stream };
    const words = [BIN, "serve", "--log-level", "info", "--log-format", "json"];
    const server = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", journal] });
    if (server.stdout !== null) await once(server.stdout, "data");
    server.kill("SIGTERM");
    await once(server, "exit");
    const text = readFileSync(folder.join("journal"), "utf8");
    ftruncateSync(journal);
    return lines(text);
  };
  try {
    const told = await start(`${dev}:${ino}`);
    expect(told.map((line) => line.slice(0, 3))).toEqual(["<6>", "<6>"]);
    expect(JSON.parse((told[0] ?? "").slice(3))).toMatchObject({ message: "serving" });
    const [plain = ""] = await start(`${dev}:${ino + 1n}`);
    expect(JSON.parse(plain)).toMatchObject({ message: "serving" });
  } finally {
    closeSync(journal);
  }
});

/** Starts its words with a terminal as their stderr, of which nobody reads the other end. */
const ON_A_TERMINAL_NOBODY_READS = `
import os, pty, sys
far, near = pty.openpty()
os.set_inheritable(far, True)
os.dup2(near, 2)
os.execv(sys.argv[1], sys.argv[1:])
`;

test.each(["a pipe", "a terminal"])(
  "a log on %s that nobody reads holds nothing up: neither commands nor the end",
  async (where) => {
    const words = [process.execPath, BIN, "serve", "--log-level", "info", "--log-commands"];
    const launcher = where === "a pipe" ? [] : ["python3", "-c", ON_A_TERMINAL_NOBODY_READS];
    const [program = "", ...args] = [...launcher, ...words];
    const server = spawn(program, args, { env: testEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    try {
      const [url] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
      const peer = await dial(url);
      const argument = "x".repeat(1_000);
      // Twice what the log keeps for a reader.
      const start = (index: number) =>
        peer.call("process/start", {
          processId: String(index),
          argv: ["true", argument, argument, argument],
          cwd: "file:///",
          env: { PATH: process.env.PATH },
          tty: false,
        });
      for (let index = 0; index < 700; index += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, offset) => start(index + offset)));
      }
      peer.close();
      server.kill("SIGTERM");
      const [code] = await once(server, "exit");
      expect(code).toBe(0);
    } finally {
      server.kill("SIGKILL");
    }
  },
  60_000,
);
