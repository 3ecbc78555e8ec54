import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { systemClock } from "@holdfast/rpc";
import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { registryPrefix, SyntheticTargets } from "../../src/mount-targets/index.ts";
import { tryLock } from "../../src/platform/file-lock.ts";
import { type Workspace, workspace } from "../confinement/sandbox.ts";
import { isLinux } from "../filesystem/helpers.ts";

function directory(path: string) {
  return { path, kind: "directory" as const };
}

function file(path: string) {
  return { path, kind: "file" as const };
}

function registryOf(folder: Workspace) {
  return folder.path;
}

function targetsIn(place: string) {
  return new SyntheticTargets([place], systemClock);
}

function records(place: string) {
  return readdirSync(place).flatMap((folder) => readdirSync(join(place, folder)));
}

describe.skipIf(!isLinux)("mount targets", () => {
  test("are there while somebody needs them, and gone afterwards", async () => {
    using folder = workspace();
    using registry = workspace();
    const targets = targetsIn(registryOf(registry));
    const wanted = [directory(folder.at(".codex")), file(folder.at("secret"))];
    const first = await targets.hold(wanted);
    const second = await targets.hold(wanted);
    expect(statSync(folder.at(".codex")).isDirectory()).toBe(true);
    expect(statSync(folder.at("secret"))).toMatchObject({ size: 0 });
    await first.release();
    await first.release();
    expect(readdirSync(folder.path).sort()).toEqual([".codex", "secret"]);
    await second.release();
    expect(readdirSync(folder.path)).toEqual([]);
    expect(records(registryOf(registry))).toEqual([]);
  });

  test("that another executor needs stay until it needs them no more, whoever made them", async () => {
    using folder = workspace();
    using registry = workspace();
    const [one, two] = [targetsIn(registryOf(registry)), targetsIn(registryOf(registry))];
    const wanted = [directory(folder.at(".codex"))];
    const first = await one.hold(wanted);
    const second = await two.hold(wanted);
    await first.release();
    expect(existsSync(folder.at(".codex"))).toBe(true);
    await second.release();
    expect(existsSync(folder.at(".codex"))).toBe(false);
  });

  test("that were there before are left alone, empty or not", async () => {
    using folder = workspace();
    using registry = workspace();
    mkdirSync(folder.at(".git"));
    writeFileSync(folder.at("f"), "");
    const hold = await targetsIn(registryOf(registry)).hold([directory(folder.at(".git")), file(folder.at("f"))]);
    await hold.release();
    expect(readdirSync(folder.path).sort()).toEqual([".git", "f"]);
  });

  test("that somebody has put something into belong to them", async () => {
    using folder = workspace();
    using registry = workspace();
    const hold = await targetsIn(registryOf(registry)).hold([directory(folder.at(".git")), file(folder.at("f"))]);
    writeFileSync(folder.at(".git", "HEAD"), "ref");
    chmodSync(folder.at("f"), 0o644);
    writeFileSync(folder.at("f"), "text");
    await hold.release();
    expect(readdirSync(folder.path).sort()).toEqual([".git", "f"]);
  });

  test("that somebody has replaced stay as well", async () => {
    using folder = workspace();
    using registry = workspace();
    const hold = await targetsIn(registryOf(registry)).hold([directory(folder.at(".git"))]);
    mkdirSync(folder.at("new"));
    rmdirSync(folder.at(".git"));
    symlinkSync("new", folder.at(".git"));
    await hold.release();
    expect(lstatSync(folder.at(".git")).isSymbolicLink()).toBe(true);
    expect(existsSync(folder.at("new"))).toBe(true);
  });

  test("are never made over a link on the way", async () => {
    using folder = workspace();
    using outside = workspace();
    using registry = workspace();
    symlinkSync(outside.path, folder.at("link"));
    const targets = targetsIn(registryOf(registry));
    const wanted = [directory(folder.at("first")), directory(folder.at("link", "made"))];
    expect(() => targets.hold(wanted)).toThrow(
      expect.objectContaining({ name: "SandboxError", code: "unenforceable" }),
    );
    expect(readdirSync(outside.path)).toEqual([]);
    expect(readdirSync(folder.path)).toEqual(["link"]);
    symlinkSync("/nonexistent", folder.at("dangling"));
    await (await targets.hold([file(folder.at("dangling"))])).release();
    expect(lstatSync(folder.at("dangling")).isSymbolicLink()).toBe(true);
  });

  test("of an executor that was killed are taken away by the next", async () => {
    using folder = workspace();
    using registry = workspace();
    const module = new URL("../../src/mount-targets/synthetic-targets.ts", import.meta.url).href;
    const wanted = JSON.stringify([directory(folder.at(".codex"))]);
    const program = `import { SyntheticTargets } from ${JSON.stringify(module)};
      new SyntheticTargets([${JSON.stringify(registryOf(registry))}]).hold(${wanted});
      console.log("made"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(existsSync(folder.at(".codex"))).toBe(true);
    const next = targetsIn(registryOf(registry));
    const other = [directory(folder.at("other"))];
    // While it lives they are its own.
    await (await next.hold(other)).release();
    expect(existsSync(folder.at(".codex"))).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    const [kept = ""] = next.hiddenPlaces;
    writeFileSync(`${kept}/half-made.new`, "{");
    await (await targetsIn(registryOf(registry)).hold(other)).release();
    expect(existsSync(folder.at(".codex"))).toBe(false);
    expect(records(registryOf(registry))).toEqual([]);
  });

  test("are told of in a folder of one's own, whatever others have put beside it", async () => {
    using folder = workspace();
    using registry = workspace();
    const theirs = registry.at(`${registryPrefix()}0`);
    mkdirSync(theirs);
    chmodSync(theirs, 0o777);
    const foreign = registry.at(`${registryPrefix()}1`);
    mkdirSync(foreign, { mode: 0o700 });
    if (process.getuid?.() === 0) chownSync(foreign, 12_345, 12_345);
    else rmdirSync(foreign);
    symlinkSync(folder.path, registry.at(`${registryPrefix()}2`));
    const targets = targetsIn(registryOf(registry));
    const hold = await targets.hold([directory(folder.at(".codex"))]);
    expect(targets.hiddenPlaces).toHaveLength(1);
    expect(readdirSync(targets.hiddenPlaces[0] ?? "")).toHaveLength(1);
    expect(readdirSync(theirs)).toEqual([]);
    await hold.release();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("are known to everybody, though two executors made a folder each", async () => {
    using folder = workspace();
    using registry = workspace();
    const [one, two] = [targetsIn(registryOf(registry)), targetsIn(registryOf(registry))];
    const wanted = [directory(folder.at(".codex"))];
    mkdirSync(registry.at(`${registryPrefix()}b`), { mode: 0o700 });
    const first = await one.hold(wanted);
    // Sorted before the other: what is new goes here.
    mkdirSync(registry.at(`${registryPrefix()}a`), { mode: 0o700 });
    const second = await two.hold(wanted);
    const other = await two.hold([file(folder.at("f"))]);
    await first.release();
    expect(readdirSync(folder.path).sort()).toEqual([".codex", "f"]);
    await second.release();
    await other.release();
    expect(readdirSync(folder.path)).toEqual([]);
    expect(records(registryOf(registry))).toEqual([]);
  });

  test("wait for an executor that has the registry, and keep nobody waiting meanwhile", async () => {
    using folder = workspace();
    using registry = workspace();
    const targets = targetsIn(registryOf(registry));
    const [path = ""] = targets.hiddenPlaces;
    const fd = openSync(path, "r");
    expect(tryLock(fd)).toBe(true);
    const holding = targets.hold([directory(folder.at(".codex"))]);
    expect(holding).toBeInstanceOf(Promise);
    expect(readdirSync(folder.path)).toEqual([]);
    closeSync(fd);
    const hold = await holding;
    expect(readdirSync(folder.path)).toEqual([".codex"]);
    await hold.release();
  });

  test("are waited for by a program that has nothing else to do", async () => {
    using folder = workspace();
    using registry = workspace();
    const url = (path: string) => new URL(`../../dist/${path}`, import.meta.url).href;
    // What ends the wait keeps no program alive either.
    const code = `
      const { SyntheticTargets } = await import(${JSON.stringify(url("mount-targets/index.js"))});
      const { tryLock } = await import(${JSON.stringify(url("platform/file-lock.js"))});
      const { systemClock } = await import(${JSON.stringify(import.meta.resolve("@holdfast/rpc"))});
      const { closeSync, openSync } = await import("node:fs");
      const targets = new SyntheticTargets([${JSON.stringify(registryOf(registry))}], systemClock);
      const fd = openSync(targets.hiddenPlaces[0], "r");
      process.stdout.write(String(tryLock(fd)));
      systemClock.after(50, () => closeSync(fd));
      await targets.hold(${JSON.stringify([directory(folder.at("wanted"))])});`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += String(data)));
    expect(await once(child, "close")).toEqual([0, null]);
    expect(said).toBe("true");
    expect(readdirSync(folder.path)).toEqual(["wanted"]);
  });

  test("are given up where the registry stays locked, and what was made stays for the next", async () => {
    using folder = workspace();
    using registry = workspace();
    const clock = new FakeClock();
    const targets = new SyntheticTargets([registryOf(registry)], clock);
    const hold = await targets.hold([directory(folder.at(".codex"))]);
    const fd = openSync(targets.hiddenPlaces[0] ?? "", "r");
    expect(tryLock(fd)).toBe(true);
    const [refused, kept] = [
      expect(targets.hold([directory(folder.at("other"))])).rejects.toThrow(/has kept .* locked for 10 s/),
      expect(hold.release()).rejects.toThrow(/locked for 10 s/),
    ];
    await clock.advance(20_000);
    await Promise.all([refused, kept]);
    closeSync(fd);
    expect(readdirSync(folder.path)).toEqual([".codex"]);
  });

  test("are not made at all where nothing is to be", async () => {
    using registry = workspace();
    await (await targetsIn(registryOf(registry)).hold([])).release();
    expect(readdirSync(registryOf(registry))).toEqual([]);
  });
});
