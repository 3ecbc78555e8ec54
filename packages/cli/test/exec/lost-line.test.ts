import { writeFile } from "node:fs/promises";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, lines, serve } from "../support/cli.ts";
import { sharedServer } from "../support/shared-server.ts";

const COUNT = 2_000;
const CUTS = 5;
const LINES_PER_CUT = 250;
/** Prints in bursts, slowly enough that cuts fall between and into them, and goes past the last cut only when that was made. */
const COUNTED = `i=0; while [ $i -lt ${COUNT} ]; do i=$((i+1)); echo "line $i"; [ $((i % 20)) -eq 0 ] && sleep 0.02; [ $i -eq ${(CUTS + 1) * LINES_PER_CUT} ] && until [ -e cut ]; do sleep 0.02; done; done; exit 7`;

describe("exec over a line that is lost", () => {
  test("prints every line once and keeps the exit code, however often the line is cut", async () => {
    await using folder = await tempDir();
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    await using cli = new Cli(["exec", "--url", line.url, "--cwd", folder.path, "--", "sh", "-c", COUNTED]);
    for (let cut = 1; cut <= CUTS; cut += 1) {
      const before = line.connectionCount;
      await until(() => cli.stdout.includes(`line ${cut * LINES_PER_CUT}\n`));
      line.cut();
      await until(() => line.connectionCount > before);
    }
    await writeFile(folder.join("cut"), "");
    const { code, stdout, stderr } = await cli.result();
    expect({ code, stderr }).toEqual({ code: 7, stderr: "" });
    const expected = Array.from({ length: COUNT }, (_, index) => `line ${index + 1}\n`).join("");
    expect(stdout.toString()).toBe(expected);
  });

  test("hands on stdin after a cut as before it", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    await using cli = new Cli(["exec", "--url", line.url, "--", "cat"], { stdin: "open-pipe" });
    for (const word of ["one\n", "two\n", "three\n"]) {
      cli.child.stdin?.write(word);
      await until(() => cli.stdout.toString().endsWith(word));
      line.cut();
    }
    cli.child.stdin?.end("end\n");
    const { code, stdout } = await cli.result();
    expect({ code, out: stdout.toString() }).toEqual({ code: 0, out: "one\ntwo\nthree\nend\n" });
  });

  test("a cut while the reader takes nothing ends in the whole output, or in a loss that is told", async () => {
    await using folder = await tempDir();
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    const script = "head -c 40000000 /dev/zero; touch done";
    await using cli = new Cli(["exec", "--url", line.url, "--cwd", folder.path, "--", "sh", "-c", script]);
    await until(() => line.bytesOf("down") > 1_000_000);
    cli.child.stdout?.removeAllListeners("data");
    cli.child.stdout?.pause();
    await standsStill(line);
    const before = line.connectionCount;
    line.cut();
    let received = cli.stdout.length;
    cli.child.stdout?.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    cli.child.stdout?.resume();
    const { code, stderr } = await cli.result();
    expect(line.connectionCount).toBeGreaterThan(before);
    // Nothing holds the command back while there is no line, and 1 MiB of what it prints is retained.
    if (code === 0) expect(received).toBe(40_000_000);
    else expect(lines(stderr)).toEqual([expect.stringContaining("no longer retained")]);
  });

  test("tells in one line, after --recover-for, that the command may still be running", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    const args = ["exec", "--url", line.url, "--recover-for", "0.3", "--", "sh", "-c", "echo ready; sleep 30"];
    await using cli = new Cli(args);
    await until(() => cli.stdout.toString() === "ready\n");
    line.refuse();
    line.cut();
    const { code, stderr } = await cli.result();
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(
        /^holdfast exec: the executor is out of reach: .*0\.3 s .*; the command may still be running/,
      ),
    ]);
    expect(line.refusedCount).toBeGreaterThan(0);
  });

  test.each([
    ["and its output goes on", "echo ready; until [ -e go ]; do sleep 0.02; done; echo gone on; exit 7", [], ""],
    [
      "with its stdin where it broke off",
      "echo ready; head -c 3; until [ -e go ]; do sleep 0.02; done; exit 7",
      [],
      "bytes",
    ],
    ["with the keys of a terminal", "stty -echo; echo ready; read word; echo got $word; exit 7", ["--tty"], "keys"],
  ] as const)(
    "a command that was given up can be taken up by the ID that is told, %s",
    async (_, script, flags, stdin) => {
      await using folder = await tempDir();
      const env = { XDG_STATE_HOME: folder.join("state") };
      await using server = await serve({ cwd: folder.path });
      await using line = await BadLine.to(server.url);
      const args = ["exec", "--url", line.url, "--recover-for", "0.3", ...flags, "--", "sh", "-c", script];
      await using cli = new Cli(args, { env, ...(stdin !== "" && { stdin: "open-pipe" }) });
      if (stdin === "bytes") cli.child.stdin?.write("in\n");
      await until(() => cli.stdout.includes("ready") && (stdin !== "bytes" || cli.stdout.includes("in\n")));
      line.refuse();
      line.cut();
      const { stderr } = await cli.result();
      const id = /`holdfast attach (\S+)` takes it up/.exec(stderr)?.[1] ?? "";
      await writeFile(folder.join("go"), "");
      // The record names the line, which is gone: only the executor itself is left.
      const attached = new Cli(["attach", id, "--url", server.url], { env, stdin: flags.length > 0 ? "word\n" : "" });
      const { code, stdout } = await attached.result();
      expect(code).toBe(7);
      expect(stdout.toString()).toMatch(/^ready\r?\n(gone on|in|got word)\r?\n$/);
    },
  );

  test("a command whose executor was shut down is told to have ended, at once", async () => {
    await using server = await serve();
    await using cli = new Cli(["exec", "--url", server.url, "--", "sh", "-c", "echo ready; sleep 30"]);
    await until(() => cli.stdout.toString() === "ready\n");
    server.child.kill("SIGTERM");
    const { code, stderr } = await cli.result();
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/shutting down.*; the executor has ended, and with it all that it ran$/),
    ]);
  });

  test("a command whose executor was started anew is told to have ended", async () => {
    const first = await serve();
    const { port } = new URL(first.url);
    await using cli = new Cli(["exec", "--url", first.url, "--", "sh", "-c", "echo ready; sleep 30"]);
    await until(() => cli.stdout.toString() === "ready\n");
    first.child.kill("SIGKILL");
    await first[Symbol.asyncDispose]();
    await using _second = await serve({ args: ["--listen", `ws://127.0.0.1:${port}`] });
    const { code, stderr } = await cli.result();
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringMatching(/all that ran in it has ended$/)]);
    expect(stderr).not.toContain("may still be running");
  });

  test("--recover-for 0 dials no second time", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    const args = ["exec", "--url", line.url, "--recover-for", "0", "--", "sh", "-c", "echo ready; sleep 30"];
    await using cli = new Cli(args);
    await until(() => cli.stdout.toString() === "ready\n");
    line.cut();
    const { code, stderr } = await cli.result();
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringContaining("the command may still be running there")]);
    expect(line.connectionCount).toBe(1);
  });

  test("SIGTERM ends it while there is no line, and tells by which ID the command is found", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    await using cli = new Cli(["exec", "--url", line.url, "--", "sh", "-c", "echo ready; sleep 30"]);
    await until(() => cli.stdout.toString() === "ready\n");
    line.refuse();
    line.cut();
    await until(() => line.refusedCount > 0);
    cli.child.kill("SIGTERM");
    const { code, stderr } = await cli.result();
    expect(code).toBe(143);
    // Nobody there heard of it.
    expect(lines(stderr)).toEqual([
      expect.stringMatching(
        /^holdfast exec: the executor did not answer; the command may still .*`holdfast attach \S+`/,
      ),
    ]);
  });

  test.each(["soon", "-1", "1e9", ""])("refuses --recover-for=%s", async (text) => {
    await using cli = new Cli(["exec", `--recover-for=${text}`, "--", "true"]);
    const { code, stderr } = await cli.result();
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringContaining("--recover-for must be a number of seconds")]);
  });
});

/** Resolves when nothing has passed for a while: every buffer on the way is full. */
async function standsStill(line: BadLine): Promise<void> {
  let former = -1;
  await until(
    () => {
      const before = former;
      former = line.bytesOf("down");
      return before === former;
    },
    { intervalMs: 200 },
  );
}
