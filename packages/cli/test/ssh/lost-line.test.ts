import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast } from "../support/cli.ts";
import { farBox, WAYS } from "../support/far-box.ts";
import { childrenOf } from "../support/processes.ts";

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The group of processes of a running command's ssh; waits for one. */
async function sshOf(cli: Cli): Promise<number> {
  return await until(() => childrenOf(cli.child.pid ?? 0)[0], { deadlineMs: 20_000 });
}

/** Kill its ssh, and whatever that started here. */
async function cut(cli: Cli): Promise<void> {
  await end(await sshOf(cli));
}

/** Also one that ends by itself just now, with what it was for. */
async function end(ssh: number): Promise<void> {
  try {
    process.kill(-ssh, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
  await until(() => !isAlive(ssh));
}

/** The real one where there is one: what is lost here are whole programs, and they take their time. */
const BEST_WAY = WAYS.slice(0, 1);

describe.each(BEST_WAY)("ssh that is killed three times in the middle loses nothing, by %s:", (way) => {
  test("of 64 MiB of output", { timeout: 90_000, tags: "long" }, async () => {
    await using box = await farBox(way);
    // What comes behind each cut waits for it: else all of it could be here before a slow machine came to the last one.
    const script = [
      'head -c 67108864 /dev/urandom >"$HOME/bytes"',
      'part() { tail -c "+$1" "$HOME/bytes" | head -c "$2"; }',
      'wait_for() { until [ -e "$HOME/$1" ]; do sleep 0.01; done; }',
      "part 1 16777216; wait_for cut-1; part 16777217 25165824; wait_for cut-2; part 41943041 25165824",
      "echo end >&2; exit 9",
    ].join("; ");
    await using cli = new Cli(["exec", "--", "sh", "-c", script], { env: box.env });
    for (const [round, bytes] of [1, 16 * 1_048_576, 40 * 1_048_576].entries()) {
      await until(() => cli.stdout.length >= bytes, { deadlineMs: 30_000 });
      const ssh = await sshOf(cli);
      // Bytes are on their way again when it dies.
      if (round > 0) writeFileSync(box.home(`cut-${round}`), "");
      await end(ssh);
    }
    const { code, stdout, stderr } = await cli.result();
    expect([code, stderr]).toEqual([9, "end\n"]);
    expect(sha256(stdout)).toBe(sha256(readFileSync(box.home("bytes"))));
  });

  test("of what is typed into a command", { timeout: 60_000 }, async () => {
    await using box = await farBox(way);
    await using cli = new Cli(["exec", "--", "cat"], { env: box.env, stdin: "open-pipe" });
    let typed = "";
    for (let round = 0; round < 4; round += 1) {
      const line = `line ${round}\n`;
      typed += line;
      cli.child.stdin?.write(line);
      await until(() => cli.stdout.toString() === typed, { deadlineMs: 20_000 });
      if (round < 3) await cut(cli);
    }
    cli.child.stdin?.end();
    expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
  });

  test("of a terminal", { timeout: 60_000, tags: "long" }, async () => {
    await using box = await farBox(way);
    const script = 'stty -echo; for n in 1 2 3 4; do read -r line; echo "got $line"; done';
    await using cli = new Cli(["exec", "--tty", "--", "sh", "-c", script], { env: box.env, stdin: "open-pipe" });
    for (let round = 0; round < 4; round += 1) {
      cli.child.stdin?.write(`${round}\r`);
      await until(() => cli.stdout.toString().includes(`got ${round}\r\n`), { deadlineMs: 20_000 });
      if (round < 3) await cut(cli);
    }
    expect(await cli.result()).toMatchObject({ code: 0 });
  });

  test("of a file and a folder on their way there and back", { timeout: 90_000, tags: "long" }, async () => {
    await using box = await farBox(way);
    await using here = await tempDir();
    expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
    const bytes = everyByte(96 * 1_048_576);
    mkdirSync(here.join("tree"));
    for (let file = 0; file < 300; file += 1)
      writeFileSync(here.join(`tree/${file}`), bytes.subarray(0, 100_000 + file));
    writeFileSync(here.join("file"), bytes);
    // What is on its way lies beside its place, under a name of its own.
    const isOnItsWay = (folder: string): boolean => readdirSync(folder).some((name) => name.startsWith(".holdfast-"));
    const copy = async (to: string, ...words: string[]): Promise<void> => {
      await using cli = new Cli(["cp", ...words], { env: box.env });
      await until(() => cli.child.exitCode !== null || isOnItsWay(to));
      for (let round = 0; round < 3 && cli.child.exitCode === null; round += 1) {
        const ssh = await until(() => cli.child.exitCode !== null || childrenOf(cli.child.pid ?? 0)[0]);
        if (typeof ssh === "number") await end(ssh);
      }
      expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
    };
    await copy(box.home(), here.join("file"), "remote:file");
    expect(sha256(readFileSync(box.home("file")))).toBe(sha256(bytes));
    await copy(here.path, "remote:file", here.join("back"));
    expect(sha256(readFileSync(here.join("back")))).toBe(sha256(bytes));
    await copy(box.home(), "-r", here.join("tree"), "remote:tree");
    await copy(here.path, "-r", "remote:tree", here.join("back-tree"));
    expect(readdirSync(here.join("back-tree")).length).toBe(300);
    for (const name of readdirSync(here.join("tree"))) {
      expect(readFileSync(here.join("back-tree", name)).equals(readFileSync(here.join("tree", name)))).toBe(true);
    }
  });
});

test("a host that refuses after a line was lost is not asked again", { timeout: 30_000 }, async () => {
  await using box = await farBox("a program like ssh");
  await using here = await tempDir();
  const wrapper = [
    "#!/bin/sh",
    `[ -e '${here.join("refused")}' ] || exec ${box.ssh} "$@"`,
    `echo asked >>'${here.join("refused")}'`,
    "echo 'me@box: Permission denied (publickey).' >&2",
    "exit 255",
  ];
  writeFileSync(here.join("ssh"), wrapper.join("\n"), { mode: 0o755 });
  await using cli = new Cli(["exec", "--", "sh", "-c", "echo begun; read -r line"], {
    env: { ...box.env, HOLDFAST_SSH: here.join("ssh") },
    stdin: "open-pipe",
  });
  await until(() => cli.stdout.toString() === "begun\n", { deadlineMs: 20_000 });
  writeFileSync(here.join("refused"), "");
  await cut(cli);
  const { code, stderr } = await cli.result();
  expect([code, stderr]).toEqual([255, expect.stringMatching(/Permission denied|key/)]);
  expect(readFileSync(here.join("refused"), "utf8")).toBe("asked\n");
});

describe("a line that hangs", () => {
  test.each(BEST_WAY)("is noticed, and the command goes on, by %s", { timeout: 120_000, tags: "long" }, async (way) => {
    await using box = await farBox(way);
    const script = "for n in 1 2 3 4 5 6; do read -r go; echo $n; done";
    await using cli = new Cli(["exec", "--", "sh", "-c", script], { env: box.env, stdin: "open-pipe" });
    cli.child.stdin?.write("\n");
    await until(() => cli.stdout.toString() === "1\n", { deadlineMs: 20_000 });
    const ssh = await sshOf(cli);
    process.kill(-ssh, "SIGSTOP");
    try {
      cli.child.stdin?.write("\n\n\n\n\n");
      const { code, stdout, stderr } = await cli.result();
      expect([code, stdout.toString(), stderr]).toEqual([0, "1\n2\n3\n4\n5\n6\n", ""]);
    } finally {
      // It was killed by then.
      if (isAlive(ssh)) process.kill(-ssh, "SIGKILL");
    }
  });
});
