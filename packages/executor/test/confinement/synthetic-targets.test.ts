import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import { SyntheticTargets } from "../../src/confinement/index.ts";
import { isLinux } from "../filesystem/helpers.ts";
import { type Workspace, workspace } from "./sandbox.ts";

const directory = (path: string) => ({ path, kind: "directory" as const });
const file = (path: string) => ({ path, kind: "file" as const });
const registryOf = (folder: Workspace) => folder.at("registry");
const records = (registry: string) => readdirSync(registry).filter((name) => name !== "lock");

describe.skipIf(!isLinux)("mount targets", () => {
  test("are there while somebody needs them, and gone afterwards", () => {
    using folder = workspace();
    using registry = workspace();
    const targets = new SyntheticTargets(registryOf(registry));
    const wanted = [directory(folder.at(".codex")), file(folder.at("secret"))];
    const first = targets.hold(wanted);
    const second = targets.hold(wanted);
    expect(statSync(folder.at(".codex")).isDirectory()).toBe(true);
    expect(statSync(folder.at("secret"))).toMatchObject({ size: 0 });
    first.release();
    first.release();
    expect(readdirSync(folder.path).sort()).toEqual([".codex", "secret"]);
    second.release();
    expect(readdirSync(folder.path)).toEqual([]);
    expect(records(registryOf(registry))).toEqual([]);
  });

  test("that another executor needs stay until it needs them no more, whoever made them", () => {
    using folder = workspace();
    using registry = workspace();
    const [one, two] = [new SyntheticTargets(registryOf(registry)), new SyntheticTargets(registryOf(registry))];
    const wanted = [directory(folder.at(".codex"))];
    const first = one.hold(wanted);
    const second = two.hold(wanted);
    first.release();
    expect(existsSync(folder.at(".codex"))).toBe(true);
    second.release();
    expect(existsSync(folder.at(".codex"))).toBe(false);
  });

  test("that were there before are left alone, empty or not", () => {
    using folder = workspace();
    using registry = workspace();
    mkdirSync(folder.at(".git"));
    writeFileSync(folder.at("f"), "");
    const hold = new SyntheticTargets(registryOf(registry)).hold([directory(folder.at(".git")), file(folder.at("f"))]);
    hold.release();
    expect(readdirSync(folder.path).sort()).toEqual([".git", "f"]);
  });

  test("that somebody has put something into belong to them", () => {
    using folder = workspace();
    using registry = workspace();
    const hold = new SyntheticTargets(registryOf(registry)).hold([directory(folder.at(".git")), file(folder.at("f"))]);
    writeFileSync(folder.at(".git", "HEAD"), "ref");
    chmodSync(folder.at("f"), 0o644);
    writeFileSync(folder.at("f"), "text");
    hold.release();
    expect(readdirSync(folder.path).sort()).toEqual([".git", "f"]);
  });

  test("that somebody has replaced stay as well", () => {
    using folder = workspace();
    using registry = workspace();
    const hold = new SyntheticTargets(registryOf(registry)).hold([directory(folder.at(".git"))]);
    mkdirSync(folder.at("new"));
    rmdirSync(folder.at(".git"));
    symlinkSync("new", folder.at(".git"));
    hold.release();
    expect(lstatSync(folder.at(".git")).isSymbolicLink()).toBe(true);
    expect(existsSync(folder.at("new"))).toBe(true);
  });

  test("are never made over a link on the way", () => {
    using folder = workspace();
    using outside = workspace();
    using registry = workspace();
    symlinkSync(outside.path, folder.at("link"));
    const targets = new SyntheticTargets(registryOf(registry));
    const wanted = [directory(folder.at("first")), directory(folder.at("link", "made"))];
    expect(() => targets.hold(wanted)).toThrow(
      expect.objectContaining({ name: "SandboxError", code: "unenforceable" }),
    );
    expect(readdirSync(outside.path)).toEqual([]);
    expect(readdirSync(folder.path)).toEqual(["link"]);
    symlinkSync("/nonexistent", folder.at("dangling"));
    targets.hold([file(folder.at("dangling"))]).release();
    expect(lstatSync(folder.at("dangling")).isSymbolicLink()).toBe(true);
  });

  test("of an executor that was killed are taken away by the next", async () => {
    using folder = workspace();
    using registry = workspace();
    const module = new URL("../../src/confinement/synthetic-targets.ts", import.meta.url).href;
    const wanted = JSON.stringify([directory(folder.at(".codex"))]);
    const program = `import { SyntheticTargets } from ${JSON.stringify(module)};
      new SyntheticTargets(${JSON.stringify(registryOf(registry))}).hold(${wanted});
      console.log("made"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(existsSync(folder.at(".codex"))).toBe(true);
    const next = new SyntheticTargets(registryOf(registry));
    const other = [directory(folder.at("other"))];
    // While it lives they are its own.
    next.hold(other).release();
    expect(existsSync(folder.at(".codex"))).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    new SyntheticTargets(registryOf(registry)).hold(other).release();
    expect(existsSync(folder.at(".codex"))).toBe(false);
    expect(records(registryOf(registry))).toEqual([]);
  });

  test("need a private registry", () => {
    using folder = workspace();
    using registry = workspace();
    mkdirSync(registryOf(registry));
    chmodSync(registryOf(registry), 0o777);
    const targets = new SyntheticTargets(registryOf(registry));
    expect(() => targets.hold([directory(folder.at(".codex"))])).toThrow(/not a private folder/);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("are not made at all where nothing is to be", () => {
    using registry = workspace();
    new SyntheticTargets(registryOf(registry)).hold([]).release();
    expect(existsSync(registryOf(registry))).toBe(false);
  });
});
