import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "@holdfast/exec-client";
import { isAlive, type TempDir, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { testEnvironment } from "./support/cli.ts";
import { skipped, unconfinable } from "./support/confinement.ts";

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

/** Serve by an installed program. @returns the URL, and the means to end it in the hard way. */
async function serveBy(program: string, cwd: string) {
  const child = spawn(process.execPath, [program, "serve"], {
    cwd,
    env: testEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const closed = once(child, "close");
  const kill = async () => {
    child.kill("SIGKILL");
    await closed;
  };
  return { url, kill, [Symbol.asyncDispose]: kill };
}

/** A web server on this machine that answers with a word. */
async function wordServer(word: string) {
  const server = createServer((_, response) => void response.end(word));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: close };
}

test.runIf(process.platform === "linux" && unconfinable === undefined)(
  `an executor does not notice that its files are rewritten once somebody has come to it${skipped}`,
  async () => {
    await using folder = await tempDir();
    const program = await install(folder);
    await using web = await wordServer("hello");
    await using server = await serveBy(program, folder.path);
    await using executor = await connect(server.url, { recovery: false });
    const files = globSync("**/*.{js,mjs,cjs}", { cwd: folder.join("node_modules/holdfast") });
    expect(files.length).toBeGreaterThan(10);
    const mark = folder.join("foreign-code-ran");
    const foreign = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(mark)}, "");`;
    for (const file of files) writeFileSync(folder.join("node_modules/holdfast", file), foreign);

    const { exitCode } = await executor.run(["true"]);
    expect(exitCode).toBe(0);
    expect(await (await executor.fetch(web.url)).text()).toBe("hello");
    const sandbox = "read-only";
    expect(await executor.fs.readTextFile("/proc/version", { sandbox })).toContain("Linux");
    expect((await executor.fs.walk(folder.path, { sandbox })).entries.length).toBeGreaterThan(10);
    const terminal = await executor.processes.start({ argv: ["sh", "-c", "echo $0"], arg0: "other", tty: true });
    await terminal.closed;
    // What left its group and its session, for the guardian to end.
    const { stdout } = await executor.run(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!"]);
    const left = Number(stdout);
    expect(isAlive(left)).toBe(true);
    await server.kill();
    await until(() => !isAlive(left));
    expect(existsSync(mark)).toBe(false);
  },
);

test.runIf(process.platform === "linux" && unconfinable === undefined)(
  `a program below the workspace is not what confined commands may change${skipped}`,
  async () => {
    await using folder = await tempDir();
    const program = await install(folder);
    const main = "node_modules/holdfast/dist/program/main.js";
    const before = readFileSync(folder.join(main));
    const attacks = [
      `echo foreign >${main}`,
      `rm -f ${main}`,
      "mv node_modules/holdfast/dist node_modules/holdfast/old",
      "mv node_modules/holdfast node_modules/old",
      "mv node_modules old",
      "echo foreign >node_modules/holdfast/package.json",
      "echo foreign >node_modules/holdfast/bin/holdfast.mjs",
    ];
    const script = `${attacks.map((attack) => `(${attack}) 2>/dev/null && echo "went through: ${attack}"`).join("\n")}\ntouch allowed`;
    const args = [program, "sandbox", "--", "sh", "-c", script];
    expect(run(process.execPath, args, folder.path)).toBe("");
    expect(existsSync(folder.join("allowed"))).toBe(true);
    expect(readFileSync(folder.join(main))).toEqual(before);
  },
);
