import { spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/commands.ts";
import { canRun } from "../support/can-run.ts";
import { holdfast, lines } from "../support/cli.ts";

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await holdfast(["completion", shell]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.toString();
}

/** What bash offers for the last of these words. */
async function offered(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = "/",
): Promise<string[]> {
  const script = `${await scriptFor("bash")}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", script, "bash", "holdfast", ...words];
  const { status, stdout, stderr } = spawnSync("bash", args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    cwd,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return lines(stdout).sort();
}

describe("completion", () => {
  const hasBash = canRun(["bash", "-c", ":"]);

  test.skipIf(!hasBash)("of bash offers commands, options and their words (where there is a bash)", async () => {
    expect(await offered([""])).toEqual([...Object.keys(COMMANDS), "help", "--help", "--version"].sort());
    expect(await offered(["s"])).toEqual(
      Object.keys(COMMANDS)
        .filter((name) => name.startsWith("s"))
        .sort(),
    );
    const options = [
      "-h",
      "--debug",
      "--help",
      ...Object.keys(COMMANDS.shell?.options ?? {}).map((name) => `--${name}`),
    ];
    expect(await offered(["shell", "-"])).toEqual(options.sort());
    expect(await offered(["exec", "--sandbox", ""])).toEqual(["none", "read-only", "workspace-write"]);
    expect(await offered(["exec", "--stdin", "f"])).toEqual(["file"]);
    expect(await offered(["exec", "--tty", "--", "tes"])).toContain("test");
    expect(await offered(["help", "att"])).toEqual(["attach"]);
    expect(await offered(["completion", ""])).toEqual(["bash", "fish", "zsh"]);
  });

  test.skipIf(!hasBash)(
    "of bash offers files, and the IDs of runs that are recorded here (where there is a bash)",
    async () => {
      await using folder = await tempDir();
      await writeFile(folder.join("archive.tar"), "");
      await mkdir(folder.join("holdfast/runs"), { recursive: true });
      await writeFile(folder.join("holdfast/runs/abcd-1.json"), "{}");
      await writeFile(folder.join("holdfast/runs/.abcd-2"), "{}");
      const env = { XDG_STATE_HOME: folder.path };
      for (const command of ["attach", "logs", "kill"]) expect(await offered([command, ""], env)).toEqual(["abcd-1"]);
      expect(await offered(["cp", "arch"], env, folder.path)).toEqual(["archive.tar"]);
      for (const name of ["two words", "2*", "2nd"]) await writeFile(folder.join(name), "");
      expect(await offered(["cp", "two"], env, folder.path)).toEqual(["two words"]);
      expect(await offered(["exec", "--", "ls", "2"], env, folder.path)).toEqual(["2*", "2nd"]);
      expect(await offered(["attach", "--id-file", "arch"], env, folder.path)).toEqual(["archive.tar"]);
    },
  );

  test.skipIf(!canRun(["zsh", "-c", ":"]))("of zsh is one that zsh takes (where there is a zsh)", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("_holdfast"), await scriptFor("zsh"));
    await chmod(folder.path, 0o755);
    const check = spawnSync("zsh", ["-f", "-n", folder.join("_holdfast")], { encoding: "utf8" });
    expect([check.status, check.stderr]).toEqual([0, ""]);
    const script = `fpath=(${folder.path} $fpath); autoload -Uz compinit; compinit -u -d ${folder.join("dump")}; echo "for $_comps[holdfast]"; autoload +X _holdfast && echo loaded`;
    const { status, stdout } = spawnSync("zsh", ["-f", "-c", script], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, "for _holdfast\nloaded\n"]);
  });

  test.skipIf(!canRun(["fish", "-c", "true"]))("of fish is one that fish takes (where there is a fish)", async () => {
    const script = `${await scriptFor("fish")}\ncomplete -C 'holdfast sh'`;
    const { status, stdout } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    expect([status, stdout.includes("shell")]).toEqual([0, true]);
  });

  test.each(["bash", "zsh", "fish"])("of %s has every command and every option", async (shell) => {
    const script = await scriptFor(shell);
    for (const [name, { options }] of Object.entries(COMMANDS)) {
      expect(script).toContain(name);
      for (const option of Object.keys(options))
        expect(script).toContain(shell === "fish" ? `-l ${option}` : `--${option}`);
    }
  });

  test("of another shell is none", async () => {
    const { code, stderr } = await holdfast(["completion", "tcsh"]);
    expect([code, lines(stderr)]).toEqual([
      2,
      [expect.stringContaining("SHELL must be one of bash, zsh, fish, not 'tcsh'")],
    ]);
  });
});
