import { spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { farScript } from "../../src/ssh/far-script.ts";
import { canRun } from "../support/can-run.ts";

const SCRIPT = farScript({ marker: "M", version: "0.1.0", build: "0.1.0-abc" });
const PROXY = "proxy --announce M";

/** Shells that people log in with, and how each is asked whether it is here. */
const SHELLS = [["sh"], ["bash"], ["dash"], ["zsh"], ["ksh"], ["busybox", "sh"], ["fish"], ["tcsh"], ["csh"]].filter(
  (shell) => canRun([...shell, "-c", "exit 0"]),
);

/** A machine that has the programs of `/usr/bin` which the script needs, and what a test puts there. */
class FarMachine {
  readonly #folder: TempDir;
  constructor(folder: TempDir) {
    this.#folder = folder;
  }

  static async make(folder: TempDir): Promise<FarMachine> {
    const machine = new FarMachine(folder);
    await mkdir(folder.join("bin"));
    await mkdir(folder.join("home"));
    // Without a Node, even if the machine of the test has one there.
    for (const name of ["sh", "ls", "id", "cat"]) {
      const { stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
      await symlink(stdout.trim(), folder.join("bin", name));
    }
    return machine;
  }

  home(path: string): string {
    return this.#folder.join("home", path);
  }

  bin(name: string): string {
    return this.#folder.join("bin", name);
  }

  /** A program that says what it was called with; a `node` that tells its version. */
  async program(path: string, lines: readonly string[]): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${lines.join("\n")}\n`);
    await chmod(path, 0o755);
  }

  async node(path: string, version: string): Promise<void> {
    await this.program(path, [
      `case "$1" in`,
      `--version) echo ${version};;`,
      `-p) echo linux,x64,1;;`,
      `-e) echo "eval $3 $4 $5 $6";;`,
      `*) echo "node ${version} $*";;`,
      "esac",
    ]);
  }

  async installed(node: string, build = "0.1.0-abc"): Promise<void> {
    const folder = this.home(`.cache/holdfast/${build}`);
    await mkdir(`${folder}/bin`, { recursive: true });
    await chmod(dirname(folder), 0o700);
    await chmod(folder, 0o700);
    await writeFile(`${folder}/node`, `${node}\n`);
  }

  run(shell: readonly string[] = ["sh"], options: { readonly input?: string; readonly env?: object } = {}) {
    const [program = "", ...words] = shell;
    const path = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
    const { status, stdout, stderr } = spawnSync(path, [...words, "-c", SCRIPT], {
      encoding: "utf8",
      env: { HOME: this.#folder.join("home"), PATH: this.#folder.join("bin"), ...options.env },
      input: options.input ?? "",
    });
    return { status, stderr, lines: stdout.split("\n").filter((line) => line !== "") };
  }
}

test("stands in one pair of single quotes, with nothing that a shell takes for an end of it", () => {
  expect(SCRIPT).toMatch(/^exec sh -c '[ -&(-~]*'$/);
  expect(SCRIPT.slice("exec sh -c '".length, -1)).not.toMatch(/['!\\\n]/);
  expect(SCRIPT.length).toBeLessThan(4_096);
});

describe.each(SHELLS.map((shell) => ({ name: shell.join(" "), shell })))("from $name", ({ shell }) => {
  test("a holdfast in PATH is used, and its exit code passes", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.program(machine.bin("holdfast"), [`echo "holdfast $*"`, "exit 70"]);
    expect(machine.run(shell)).toEqual({ status: 70, stderr: "", lines: [`holdfast ${PROXY} --for 0.1.0`] });
  });

  test("the program is asked for where there is none, and started when it has been unpacked", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v24.1.0");
    const cache = machine.home(".cache/holdfast");
    const { lines, stderr } = machine.run(shell, { input: "TEXT\nrest" });
    expect(stderr).toBe("");
    expect(lines).toEqual([
      "M need linux,x64,1",
      `eval TEXT ${cache} 0.1.0-abc M`,
      `node v24.1.0 ${cache}/0.1.0-abc/bin/holdfast.mjs ${PROXY} --build 0.1.0-abc`,
    ]);
  });
});

describe("what is found there", () => {
  test.each([2, 78, 1, 126, 127])("a holdfast that ends with %i is not the one", async (code) => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.program(machine.bin("holdfast"), [`exit ${code}`]);
    await machine.node(machine.bin("node"), "v22.15.0");
    expect(machine.run().lines[0]).toBe("M need linux,x64,1");
  });

  test("the program that is there is started by the Node that unpacked it, and nothing is asked for", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.home("my node"), "v24.1.0");
    await machine.installed(machine.home("my node"));
    const program = machine.home(".cache/holdfast/0.1.0-abc/bin/holdfast.mjs");
    expect(machine.run().lines).toEqual([`node v24.1.0 ${program} ${PROXY} --build 0.1.0-abc`]);
  });

  test("one without native parts is told of, and started when the other side has none either", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v24.1.0");
    await machine.installed(machine.bin("node"), "0.1.0-abc-plain");
    const cache = machine.home(".cache/holdfast");
    expect(machine.run(["sh"], { input: "plain\n" }).lines).toEqual([
      "M need linux,x64,1 plain",
      `node v24.1.0 ${cache}/0.1.0-abc-plain/bin/holdfast.mjs ${PROXY} --build 0.1.0-abc-plain`,
    ]);
    // One with them has come.
    await machine.installed(machine.bin("node"));
    expect(machine.run().lines).toEqual([
      `node v24.1.0 ${cache}/0.1.0-abc/bin/holdfast.mjs ${PROXY} --build 0.1.0-abc`,
    ]);
  });

  test("a Node that is gone is replaced by another", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.home(".volta/tools/image/node/24.2.0/bin/node"), "v24.2.0");
    await machine.installed(machine.home("gone"));
    expect(machine.run().lines[0]).toBe("M need linux,x64,1");
  });

  test.each([
    ".nvm/versions/node/v24.0.0/bin/node",
    ".local/share/fnm/node-versions/v24.0.0/installation/bin/node",
    ".fnm/node-versions/v24.0.0/installation/bin/node",
    ".volta/tools/image/node/24.0.0/bin/node",
    ".local/share/mise/installs/node/24/bin/node",
    ".asdf/installs/nodejs/24.0.0/bin/node",
    ".local/bin/node",
  ])("a Node in ~/%s is found, with an old one in PATH", async (place) => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v18.20.0");
    await machine.node(machine.home(place), "v24.0.0");
    const { lines } = machine.run(["sh"], { input: "TEXT\n" });
    expect(lines.at(-1)).toContain("node v24.0.0 ");
  });

  test("a Node where NVM_DIR says is found, blanks in it included", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.home("a b/versions/node/v24.0.0/bin/node"), "v24.0.0");
    const { lines } = machine.run(["sh"], { input: "TEXT\n", env: { NVM_DIR: machine.home("a b") } });
    expect(lines.at(-1)).toContain("node v24.0.0 ");
  });

  test.each(["v22.15.0", "v22.19.1", "v22.20.0", "v23.0.0", "v24.21.0", "v30.0.0", "v100.0.0"])(
    "%s will do",
    async (version) => {
      await using folder = await tempDir();
      const machine = await FarMachine.make(folder);
      await machine.node(machine.bin("node"), version);
      expect(machine.run().lines[0]).toBe("M need linux,x64,1");
    },
  );

  test.each(["v22.14.0", "v22.2.0", "v21.9.0", "v20.20.0", "v4.0.0"])("%s will not", async (version) => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), version);
    // The machine of the test may have a good one where everybody has it.
    const [first = ""] = machine.run().lines;
    expect(first === "M need linux,x64,1" || first.startsWith(`M error no-node ${version}`)).toBe(true);
    expect(machine.run(["sh"], { input: "TEXT\n" }).lines).not.toContainEqual(
      expect.stringMatching(`^node ${version} `),
    );
  });
});

describe("a cache that is not this user's alone is refused", () => {
  test("one that is a link", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v24.0.0");
    const cache = machine.home(".cache/holdfast");
    await mkdir(dirname(cache));
    await mkdir(machine.home("elsewhere"), { mode: 0o700 });
    await symlink(machine.home("elsewhere"), cache);
    expect(machine.run()).toMatchObject({ status: 70, lines: [`M error cache ${cache}`] });
  });

  test.each([0o755, 0o710, 0o777])("one with mode %o", async (mode) => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v24.0.0");
    const cache = machine.home(".cache/holdfast");
    await mkdir(cache, { recursive: true });
    await chmod(cache, mode);
    expect(machine.run()).toMatchObject({ status: 70, lines: [`M error cache ${cache}`] });
  });

  test("so is a program that is a link", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v24.0.0");
    await mkdir(machine.home(".cache/holdfast"), { recursive: true });
    await chmod(machine.home(".cache/holdfast"), 0o700);
    await mkdir(machine.home("elsewhere"), { mode: 0o700 });
    await symlink(machine.home("elsewhere"), machine.home(".cache/holdfast/0.1.0-abc"));
    expect(machine.run()).toMatchObject({
      status: 70,
      lines: [expect.stringMatching(/^M error cache .*0\.1\.0-abc$/)],
    });
  });

  test("XDG_CACHE_HOME says where it is, if it is a whole path", async () => {
    await using folder = await tempDir();
    const machine = await FarMachine.make(folder);
    await machine.node(machine.bin("node"), "v24.0.0");
    const other = machine.home("other");
    const { lines } = machine.run(["sh"], { input: "TEXT\n", env: { XDG_CACHE_HOME: other } });
    expect(lines[1]).toBe(`eval TEXT ${other}/holdfast 0.1.0-abc M`);
    const odd = machine.run(["sh"], { input: "TEXT\n", env: { XDG_CACHE_HOME: "relative" } });
    expect(odd.lines[1]).toBe(`eval TEXT ${machine.home(".cache/holdfast")} 0.1.0-abc M`);
  });
});

test("without a program to put there, it says that there is none", async () => {
  await using folder = await tempDir();
  const machine = await FarMachine.make(folder);
  const script = farScript({ marker: "M", version: undefined, build: undefined });
  const { stdout } = spawnSync("/bin/sh", ["-c", script], { encoding: "utf8", env: { PATH: machine.bin("") } });
  expect(stdout).toBe("M error no-program\n");
});
