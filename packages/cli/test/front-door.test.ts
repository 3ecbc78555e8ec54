import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, symlink } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../src/commands.ts";
import { BIN, holdfast, lines, testEnvironment } from "./support/cli.ts";

/** What the README names: the program as it is found in a checkout. */
const DOOR = fileURLToPath(new URL("../../../node_modules/.bin/holdfast", import.meta.url));

function open(args: readonly string[], env: NodeJS.ProcessEnv = testEnvironment()): ChildProcess {
  return spawn(DOOR, args, { env, stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("stdout is no pipe");
  const [line] = (await once(createInterface({ input: stdout }), "line")) as [string];
  return line;
}

describe("node_modules/.bin/holdfast", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s to its process id reaches the command", async (signal) => {
    const child = open(["exec", "--", "sh", "-c", "echo $$; exec sleep 600"]);
    const pid = Number(await firstLine(child));
    child.kill(signal);
    const [code] = await once(child, "close");
    expect(code).toBe({ SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[signal]);
    await until(() => !isAlive(pid));
  });

  test("SIGTERM to its process id ends the executor", async () => {
    const child = open(["serve"]);
    const url = await firstLine(child);
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([0, null]);
    expect((await holdfast(["info", "--url", url])).code).toBe(1);
  });

  test("hands commands the environment that it was given, names that no shell knows included", () => {
    const env = { PATH: process.env.PATH, "BASH_FUNC_hi%%": "() { echo hi; }" };
    const { stdout } = spawnSync(DOOR, ["exec", "--", "env"], { env, encoding: "utf8" });
    const names = lines(stdout).map((line) => line.split("=")[0]);
    expect(names.sort()).toEqual(["BASH_FUNC_hi%%", "PATH"]);
  });

  test("works through a link to it", async () => {
    await using folder = await tempDir();
    await symlink(DOOR, folder.join("hf"));
    expect(spawnSync(folder.join("hf"), ["--version"]).status).toBe(0);
  });
});

describe("what is loaded", () => {
  test("comes from no temporary folder, and nothing is left in one", async () => {
    await using folder = await tempDir();
    const env = { TMPDIR: folder.path };
    await holdfast(["--version"], { env });
    await holdfast(["exec", "--stdin", "none", "--", "true"], { env });
    await holdfast(["sandbox", "--explain", "/"], { env });
    expect(await readdir(folder.path)).toEqual([]);
  });

  const codes = Object.entries(COMMANDS).map(([name, spec]) => [name, spec.endsAsCommand === true ? 255 : 1] as const);
  test.each([["--version", 1] as const, ...codes])(
    "on a Node that is too old one line says which is needed, and %s ends with %d",
    (word, code) => {
      const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })`;
      const args = ["--import", `data:text/javascript,${encodeURIComponent(old)}`, BIN, word];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
      expect([status, stdout]).toEqual([code, ""]);
      expect(lines(stderr)).toEqual([expect.stringMatching(/^holdfast: Node 22\.15 or newer is needed, this is v/)]);
    },
  );
});
