import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { testEnvironment } from "./support/cli.ts";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const VERSION = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")).version;
const PNPM = fileURLToPath(new URL("../../../node_modules/pnpm/bin/pnpm.cjs", import.meta.url));

/** Lay out what `npm install TARBALL` does, with the outside packages of this workspace. @returns the program's path. */
async function install(folder: TempDir): Promise<string> {
  run(process.execPath, [PNPM, "pack", "--pack-destination", folder.path], PACKAGE);
  const modules = folder.join("node_modules");
  const own = join(modules, "holdfast");
  await mkdir(own, { recursive: true });
  run("tar", ["xzf", folder.join(`holdfast-${VERSION}.tgz`), "-C", own, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(own, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(folderOf(name), join(modules, name));
  }
  await mkdir(join(modules, ".bin"));
  await symlink("../holdfast/bin/holdfast.mjs", join(modules, ".bin/holdfast"));
  return join(modules, ".bin/holdfast");
}

function folderOf(name: string): string {
  const paths = createRequire(join(PACKAGE, "package.json")).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

function run(program: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", env: testEnvironment() });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

test("the packed package works alone, with nothing but its own dependencies beside it", async () => {
  await using folder = await tempDir();
  const program = await install(folder);
  const holdfast = (...args: string[]): string => run(process.execPath, [program, ...args], folder.path);
  expect(holdfast("exec", "--", "echo", "hi")).toBe("hi\n");
  expect(holdfast("exec", "--tty", "--", "echo", "hi")).toContain("hi");
  expect(holdfast("version")).toBe(`${VERSION}\n`);
  expect(run(process.execPath, ["--eval", 'console.log(typeof (await import("holdfast")).main)'], folder.path)).toBe(
    "function\n",
  );
});
