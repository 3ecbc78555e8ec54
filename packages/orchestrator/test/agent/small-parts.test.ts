import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tempDir } from "@holdfast/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uuidV7 } from "../../src/agent/index.ts";
import { retryPauseMs } from "../../src/agent/model/retry-pause.ts";
import { ToolSet } from "../../src/agent/tools/tool-set.ts";
import { TurnDiff } from "../../src/agent/tools/turn-diff.ts";
import { gitDiff } from "../../src/agent/tools/unified-diff.ts";

describe("the pause before a retry", () => {
  test("doubles, and is a tenth shorter or longer at most", () => {
    const pauses = (random: number) => [1, 2, 3, 4, 5].map((retry) => Math.round(retryPauseMs(retry, () => random)));
    expect(pauses(0)).toEqual([180, 360, 720, 1_440, 2_880]);
    expect(pauses(0.5)).toEqual([200, 400, 800, 1_600, 3_200]);
    expect(pauses(1)).toEqual([220, 440, 880, 1_760, 3_520]);
    expect(retryPauseMs(99, () => 1)).toBe(120_000);
  });
});

describe("a UUID of version 7", () => {
  test("is one, and those of later milliseconds come behind", () => {
    expect(uuidV7(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidV7(1) < uuidV7(2)).toBe(true);
  });
});

describe("a diff", () => {
  test("is one that git applies, whatever the texts", async () => {
    await using folder = await tempDir();
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder.path, stdio: ["pipe", "pipe", "pipe"] });
    git("init", "-q");
    const text = fc
      .array(fc.constantFrom("a", "b", "c", "", " x", "-", "+y", "\\"), { maxLength: 20 })
      .chain((lines) => fc.boolean().map((ends) => lines.join("\n") + (ends && lines.length > 0 ? "\n" : "")));
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        writeFileSync(join(folder.path, "f"), before);
        writeFileSync(join(folder.path, "patch"), gitDiff({ path: "f", before, after }));
        git("apply", "--unidiff-zero", "patch");
        expect(execFileSync("cat", ["f"], { cwd: folder.path, encoding: "utf8" })).toBe(after);
      }),
      { numRuns: 60 },
    );
  });

  test("of a turn is from what was before it to what is now, in the order of the names", async () => {
    const diff = new TurnDiff();
    expect(diff.isEmpty).toBe(true);
    diff.add([{ path: "b", before: "1\n", after: "2\n" }]);
    diff.add([
      { path: "b", before: "2\n", after: "3\n" },
      { path: "a", before: undefined, after: "new\n" },
      { path: "to", from: "from", before: "x\n", after: "y\n" },
      { path: "brief", before: undefined, after: "z\n" },
    ]);
    diff.add([{ path: "brief", before: "z\n", after: undefined }]);
    diff.add([{ path: "further", from: "to", before: "y\n", after: "w\n" }]);
    diff.add([{ path: "newer", from: "a", before: "new\n", after: "newer\n" }]);
    await using folder = await tempDir();
    for (const [name, content] of Object.entries({ b: "1\n", from: "x\n" })) {
      mkdirSync(dirname(join(folder.path, name)), { recursive: true });
      writeFileSync(join(folder.path, name), content);
    }
    execFileSync("git", ["init", "-q"], { cwd: folder.path });
    execFileSync("git", ["apply"], { cwd: folder.path, input: diff.text() });
    const now = execFileSync("sh", ["-c", "tail -n +1 b further newer; ls"], { cwd: folder.path, encoding: "utf8" });
    expect(now).toBe("==> b <==\n3\n\n==> further <==\nw\n\n==> newer <==\nnewer\nb\nfurther\nnewer\n");
    expect(diff.text()).not.toContain("brief");
  });
});

describe("a set of tools", () => {
  const tool = (name: string, more = {}) => ({
    name,
    definition: { type: "function", name },
    isParallel: true,
    run: async () => name,
    ...more,
  });
  const set = new ToolSet([
    tool("a"),
    tool("a", { isParallel: false }),
    tool("b", { namespace: "mcp__s", namespaceDescription: "S." }),
    tool("c", { definition: { type: "custom", name: "c" }, isOffered: false }),
  ]);

  test("tells of each once, those of a namespace together", () => {
    expect(set.definitions()).toEqual([
      { type: "function", name: "a" },
      { type: "namespace", name: "mcp__s", description: "S.", tools: [{ type: "function", name: "b" }] },
    ]);
  });

  test("finds one by its names, also where a model writes both as one", () => {
    const find = (name: string, namespace?: string, kind: "function" | "custom" = "function") =>
      set.find({ kind, name, namespace })?.name;
    expect([find("a"), find("b"), find("b", "mcp__s"), find("mcp__s__b"), find("b", "mcp__t")]).toEqual([
      "a",
      undefined,
      "b",
      "b",
      undefined,
    ]);
    expect([find("c"), find("c", undefined, "custom"), find("a", undefined, "custom")]).toEqual([
      undefined,
      "c",
      undefined,
    ]);
  });
});
