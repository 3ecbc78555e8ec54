import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import type { Direction } from "@holdfast/testkit";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type AppliedPatch, applyPatch, isPatchError } from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";
import { patchOf } from "./patch-machine.ts";

const TEXT = patchOf(
  ...["*** Update File: a", "@@", "-one", "+two"],
  ...["*** Add File: d/n", "+new"],
  ...["*** Update File: b", "*** Move to: d/b", "@@", "-b", "+B"],
  ...["*** Delete File: c"],
);
const BEFORE = { a: "one\n", b: "b\n", c: "c\n" };
const AFTER = { a: "two\n", "d/b": "B\n", "d/n": "new\n" };

/** Contents of all files below a folder, by name. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.sort().map(async (path) => {
    // What is under way when a connection is gone is done a moment later.
    const content = await readFile(path, "utf8").catch(() => undefined);
    return content === undefined ? [] : [[path.slice(folder.length + 1), content] as const];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}

async function lay(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [name, content] of Object.entries(BEFORE)) await writeFile(join(folder, name), content);
}

/** Bytes between two cuts. */
const STEP = 211;

/** Bytes that one patch takes in each direction, the handshake left out. */
async function traffic(): Promise<Record<Direction, number>> {
  await using folder = await tempDir();
  await using far = await farExecutor();
  await using executor = await connect(far.url);
  const root = folder.join("repo");
  await lay(root);
  const before = { up: far.line.bytesOf("up"), down: far.line.bytesOf("down") };
  await applyPatch(executor, TEXT, { cwd: root });
  return { up: far.line.bytesOf("up") - before.up, down: far.line.bytesOf("down") - before.down };
}

function cuts(bytes: Readonly<Record<Direction, number>>): readonly (readonly [Direction, number])[] {
  const of = (direction: Direction) =>
    Array.from({ length: Math.ceil(bytes[direction] / STEP) }, (_, index) => [direction, 1 + index * STEP] as const);
  return [...of("up"), ...of("down")];
}

describe("a connection that is lost while a patch is applied", () => {
  test("is a pause, wherever it is cut: the patch is applied as a whole", { timeout: 120_000 }, async () => {
    await using folder = await tempDir();
    await using far = await farExecutor();
    const root = folder.join("repo");
    const bytes = await traffic();
    let struck = 0;
    for (const [direction, at] of cuts(bytes)) {
      await lay(root);
      await using executor = await connect(far.url);
      const connections = far.line.connectionCount;
      far.line.cutAfter(direction, at);
      const { isApplied, remains } = await applyPatch(executor, TEXT, { cwd: root });
      expect({ direction, at, isApplied, remains, now: await contents(root) }).toEqual({
        direction,
        at,
        isApplied: true,
        remains: [],
        now: AFTER,
      });
      if (far.line.connectionCount > connections) struck += 1;
    }
    expect(struck).toBeGreaterThan(20);
  });

  test("for good leaves all or nothing, or what is told", { timeout: 120_000 }, async () => {
    await using folder = await tempDir();
    await using far = await farExecutor();
    const bytes = await traffic();
    const seen = new Set<string>();
    for (const [direction, at] of cuts(bytes)) {
      // What is under way when the connection is gone may still happen.
      const root = folder.join(`${direction}-${at}`);
      await lay(root);
      await using executor = await connect(far.url, { recovery: false });
      far.line.cutAfter(direction, at);
      const outcome = await applyPatch(executor, TEXT, { cwd: root }).catch((error: unknown) => error);
      await executor.close();
      const now = await contents(root);
      if (isPatchError(outcome)) {
        expect(outcome.code).toBe("interrupted");
        expect(outcome.remains.length).toBeGreaterThan(0);
        expect(outcome.message).toContain("not as before: ");
        seen.add("told");
      } else if (outcome instanceof Error) {
        expect({ at, direction, now }).toEqual({ at, direction, now: BEFORE });
        expect(outcome).toMatchObject({ name: "LinkError" });
        seen.add("nothing");
      } else {
        const { remains } = outcome as AppliedPatch;
        const left = Object.keys(now).filter((name) => name.includes(".holdfast-patch-"));
        const told = remains.map(({ path, state }) => `${state} ${path.slice(root.length + 1)}`);
        expect(told).toEqual(expect.arrayContaining(left.map((name) => `temporary ${name}`)));
        expect(Object.fromEntries(Object.entries(now).filter(([name]) => !left.includes(name)))).toEqual(AFTER);
        seen.add("applied");
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining(["nothing", "told"]));
  });
});
