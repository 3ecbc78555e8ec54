import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { firstLines, makeFrontDoor } from "../front-door.mjs";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-door-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
console.log(JSON.stringify({ pid: process.pid, node: process.execPath, words: process.argv.slice(2), env: process.env }));
`;

/** A link would lead to the real one's path: another name for the same file, or a copy on another disk. */
function placeNode(path: string): void {
  try {
    linkSync(process.execPath, path);
  } catch {
    copyFileSync(process.execPath, path);
  }
}

/** A checkout whose program tells how it was started. @returns the path of its front door. */
function checkout(name: string): string {
  const root = join(folder, name);
  for (const each of ["node_modules/.bin", "node_modules/node/bin", "packages/cli/bin"]) {
    mkdirSync(join(root, each), { recursive: true });
  }
  placeNode(join(root, "node_modules/node/bin/node"));
  writeFileSync(join(root, "packages/cli/bin/holdfast.mjs"), PROGRAM);
  makeFrontDoor(root);
  return join(root, "node_modules/.bin/holdfast");
}

describe("the front door of a checkout", () => {
  test.each([
    ["plain", "plain"],
    ["whose path has spaces and quotes", "it's a checkout"],
    ["whose path is longer than a first line may be", "deep/".repeat(40)],
  ])("%s: starts the pinned Node under the caller's process id, with nothing added", async (_, name) => {
    const child = spawn(checkout(name), ["a b", "*"], { env: { MARK: "1" }, stdio: ["ignore", "pipe", "inherit"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(child, "close");
    const { env, ...told } = JSON.parse(Buffer.concat(chunks).toString());
    expect(told).toEqual({
      pid: child.pid,
      node: join(folder, name, "node_modules/node/bin/node"),
      words: ["a b", "*"],
    });
    // A shell in between sets this one, and nothing else.
    const { PWD: _pwd, ...rest } = env;
    expect(rest).toEqual({ MARK: "1" });
  });

  test("opens through a link to it", () => {
    const link = join(folder, "link");
    symlinkSync(checkout("linked"), link);
    expect(JSON.parse(spawnSync(link, ["x"], { encoding: "utf8" }).stdout)).toMatchObject({ words: ["x"] });
  });

  test("is made anew over what is there", () => {
    const door = checkout("twice");
    makeFrontDoor(join(folder, "twice"));
    expect(spawnSync(door).status).toBe(0);
  });

  test("takes no shell where the first line can name the Node", () => {
    expect(firstLines("/opt/node")).toBe("#!/opt/node --disable-sigusr1");
    expect(firstLines(`/${"x".repeat(200)}`)).toMatch(/^#!\/bin\/sh\n/);
  });
});
