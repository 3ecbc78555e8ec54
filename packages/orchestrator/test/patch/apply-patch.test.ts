import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { Executor } from "@holdfast/exec-client";
import { PROTECTED_METADATA_NAMES } from "@holdfast/permission-profile";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { applyPatch, type PatchError } from "../../src/index.ts";
import { patchMachine, patchOf } from "./patch-machine.ts";

async function failure(applied: Promise<unknown>): Promise<PatchError> {
  return await applied.then(
    () => expect.fail("it was applied"),
    (error: PatchError) => error,
  );
}

/** Runs something before a call of the file system goes out. */
function before(executor: Executor, method: "writeFile" | "rename" | "remove", act: (path: string) => Promise<void>) {
  const fs = new Proxy(executor.fs, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== "function") return member;
      if (name !== method) return member.bind(target);
      return async (path: string, ...rest: unknown[]) => {
        await act(String(path));
        return await member.call(target, path, ...rest);
      };
    },
  });
  return { fs, environment: executor.environment };
}

describe("a patch", () => {
  test("adds, updates, moves and deletes, and says so", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\ntwo\nthree\n");
    await writeFile(join(at.root, "b"), "keep\n");
    await writeFile(join(at.root, "c"), "gone\n");
    const text = patchOf(
      "*** Add File: new/deep/file",
      "+hello",
      "*** Update File: a",
      "@@ one",
      "-two",
      "+2",
      "*** Update File: b",
      "*** Move to: moved/b",
      "@@",
      " keep",
      "+more",
      "*** Delete File: c",
    );
    const { summary, changes, isApplied, remains } = await applyPatch(at.executor, text, { cwd: at.root });
    expect(summary).toBe("Success. Updated the following files:\nA new/deep/file\nM a\nM moved/b\nD c\n");
    expect(isApplied).toBe(true);
    expect(remains).toEqual([]);
    expect(changes).toEqual([
      { kind: "add", path: "new/deep/file", from: undefined, addedLines: 1, removedLines: 0 },
      { kind: "modify", path: "a", from: undefined, addedLines: 1, removedLines: 1 },
      { kind: "move", path: "moved/b", from: "b", addedLines: 1, removedLines: 0 },
      { kind: "delete", path: "c", from: undefined, addedLines: 0, removedLines: 0 },
    ]);
    expect((await readdir(at.root)).sort()).toEqual(["a", "moved", "new"]);
    expect(await readFile(join(at.root, "new/deep/file"), "utf8")).toBe("hello\n");
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n2\nthree\n");
    expect(await readFile(join(at.root, "moved/b"), "utf8")).toBe("keep\nmore\n");
    expect(await readdir(join(at.root, "moved"))).toEqual(["b"]);
  });

  test("that is only checked changes nothing", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    const text = patchOf("*** Add File: d/n", "+x", "*** Update File: a", "@@", "-one", "+1", "*** Delete File: a");
    const { summary, isApplied } = await applyPatch(at.executor, text, { cwd: at.root, check: true });
    expect(isApplied).toBe(false);
    expect(summary).toBe("The patch applies. It would update the following files:\nA d/n\nM a\nD a\n");
    expect(await readdir(at.root)).toEqual(["a"]);
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n");
  });

  test("sees in each step what the steps before it did", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "f"), "file\n");
    const text = patchOf(
      "*** Update File: a",
      "@@",
      "-one",
      "+two",
      "*** Update File: ./x/../a",
      "@@",
      "-two",
      "+three",
      "*** Add File: n",
      "+x",
      "*** Update File: n",
      "@@",
      "-x",
      "+y",
      "*** Delete File: n",
      "*** Delete File: f",
      "*** Add File: f/below",
      "+z",
    );
    await applyPatch(at.executor, text, { cwd: at.root });
    expect((await readdir(at.root)).sort()).toEqual(["a", "f"]);
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("three\n");
    expect(await readFile(join(at.root, "f/below"), "utf8")).toBe("z\n");
  });

  test("keeps modes, hard links, line ends and what is not its own", async () => {
    await using at = await patchMachine();
    const file = join(at.root, "script");
    await writeFile(file, "#!/bin/sh\r\necho a \r\nexit\r\n");
    await chmod(file, 0o750);
    await link(file, join(at.root, "other"));
    await writeFile(join(at.root, "tool"), "x\n");
    await chmod(join(at.root, "tool"), 0o755);
    const text = patchOf(
      "*** Update File: script",
      "@@",
      " echo a",
      "-exit",
      "+exit 3",
      "*** Update File: tool",
      "*** Move to: bin/tool",
      "@@",
      "-x",
      "+y",
    );
    await applyPatch(at.executor, text, { cwd: at.root });
    expect(await readFile(join(at.root, "other"), "utf8")).toBe("#!/bin/sh\r\necho a \r\nexit 3\r\n");
    const [one, other] = await Promise.all([stat(file), stat(join(at.root, "other"))]);
    expect(one.ino).toBe(other.ino);
    expect(one.mode & 0o777).toBe(0o750);
    expect((await stat(join(at.root, "bin/tool"))).mode & 0o777).toBe(0o755);
  });

  test("that names one file twice by two hard links changes it twice", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\ntwo\n");
    await link(join(at.root, "a"), join(at.root, "b"));
    const text = patchOf("*** Update File: a", "@@", "-one", "+1", "*** Update File: b", "@@", " 1", "-two", "+2");
    await applyPatch(at.executor, text, { cwd: at.root });
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("1\n2\n");
    expect((await stat(join(at.root, "a"))).nlink).toBe(2);
  });

  test("moved onto itself, by its name or by a link, is an update", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await symlink("a", join(at.root, "l"));
    await applyPatch(at.executor, patchOf("*** Update File: a", "*** Move to: ./a", "@@", "-one", "+two"), {
      cwd: at.root,
    });
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("two\n");
    await applyPatch(at.executor, patchOf("*** Update File: a", "*** Move to: l", "@@", "-two", "+three"), {
      cwd: at.root,
    });
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("three\n");
    expect(await readlink(join(at.root, "l"))).toBe("a");
  });

  test("is written through links, and takes a link itself", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "real"), "one\n");
    await symlink("real", join(at.root, "l"));
    await symlink("to-come", join(at.root, "dangling"));
    await symlink("real", join(at.root, "gone"));
    const text = patchOf(
      "*** Update File: l",
      "@@",
      "-one",
      "+two",
      "*** Add File: dangling",
      "+new",
      "*** Delete File: gone",
      "*** Add File: gone",
      "+file",
    );
    await applyPatch(at.executor, text, { cwd: at.root });
    expect(await readFile(join(at.root, "real"), "utf8")).toBe("two\n");
    expect(await readFile(join(at.root, "to-come"), "utf8")).toBe("new\n");
    expect((await lstat(join(at.root, "l"))).isSymbolicLink()).toBe(true);
    expect((await lstat(join(at.root, "gone"))).isFile()).toBe(true);
  });
});

describe("a patch that does not apply", () => {
  test("changes nothing, and says why in the words that models know", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "bytes"), Buffer.from([0x61, 0xff, 0x0a]));
    await mkdir(join(at.root, "folder"));
    const first = ["*** Add File: new", "+x"];
    const cases: readonly (readonly [lines: readonly string[], code: string, message: string])[] = [
      [["*** Update File: a", "@@", "-two"], "mismatch", `Failed to find expected lines in ${at.root}/a:\ntwo`],
      [["*** Update File: a", "@@ two", "-one"], "mismatch", `Failed to find context 'two' in ${at.root}/a`],
      [
        ["*** Update File: no", "@@", "-two"],
        "file",
        `Failed to read file to update ${at.root}/no: No such file or directory`,
      ],
      [
        ["*** Update File: bytes", "@@", "-a"],
        "file",
        `Failed to read file to update ${at.root}/bytes: it is not UTF-8 text`,
      ],
      [
        ["*** Update File: folder", "@@", "-a"],
        "file",
        `Failed to read file to update ${at.root}/folder: it is no regular file`,
      ],
      [["*** Delete File: no"], "file", `Failed to delete file ${at.root}/no: no such file`],
      [["*** Delete File: folder"], "file", `Failed to delete file ${at.root}/folder: it is a folder`],
      [["*** Add File: folder", "+x"], "file", `Failed to write file ${at.root}/folder: it is a folder`],
      [
        ["*** Add File: a/x", "+x"],
        "file",
        `Failed to write file ${at.root}/a/x: ENOTDIR: not a directory; nothing was changed`,
      ],
    ];
    for (const [lines, code, message] of cases) {
      const error = await failure(applyPatch(at.executor, patchOf(...first, ...lines), { cwd: at.root }));
      expect({ code: error.code, message: error.message, remains: error.remains }).toEqual({
        code,
        message,
        remains: [],
      });
      expect((await readdir(at.root)).sort()).toEqual(["a", "bytes", "folder"]);
    }
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n");
  });

  test("to a file with more lines than are patched is refused before anything is changed", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "\n".repeat(1_000_001));
    const text = patchOf("*** Add File: n", "+x", "*** Update File: a", "@@", "+one");
    const error = await failure(applyPatch(at.executor, text, { cwd: at.root }));
    expect(error.message).toBe(`${at.root}/a has more than 1000000 lines; such files are not patched`);
    await writeFile(join(at.root, "a"), Buffer.alloc(33_554_433));
    expect((await failure(applyPatch(at.executor, text, { cwd: at.root }))).message).toBe(
      `${at.root}/a has 33554433 bytes; files of more than 33554432 bytes are not patched`,
    );
    expect(await readdir(at.root)).toEqual(["a"]);
  });

  test("with a path out of its root is refused, links resolved", async () => {
    await using at = await patchMachine();
    await symlink(at.outside, join(at.root, "l"));
    await writeFile(join(at.outside, "a"), "one\n");
    for (const path of ["../outside/n", `${at.outside}/n`, "l/n", "l/a", "l/deep/n"]) {
      const error = await failure(
        applyPatch(at.executor, patchOf(`*** Add File: ${path}`, "+x"), { cwd: at.root, root: at.root }),
      );
      expect(error.code).toBe("outside");
      expect(error.message).toContain(`it leads out of ${at.root}, to ${at.outside}/`);
    }
    expect(await readdir(at.outside)).toEqual(["a"]);
    await applyPatch(at.executor, patchOf("*** Delete File: l"), { cwd: at.root }).catch(() => {});
    await applyPatch(at.executor, patchOf("*** Add File: ../outside/n", "+x"), { cwd: at.root });
    expect((await readdir(at.outside)).sort()).toEqual(["a", "n"]);
  });

  test("leaves a confined executor's files alone where a link leads out", async () => {
    await using at = await patchMachine();
    await symlink(at.outside, join(at.root, "l"));
    await writeFile(join(at.outside, "a"), "one\n");
    await writeFile(join(at.root, "a"), "one\n");
    const sandbox = { write: [at.root] };
    const text = patchOf("*** Update File: a", "@@", "-one", "+two", "*** Update File: l/a", "@@", "-one", "+two");
    const error = await failure(applyPatch(at.executor, text, { cwd: at.root, sandbox }));
    expect(error.message).toMatch(/^Failed to write file .*outside\/a: EROFS.*; nothing was changed$/);
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n");
    expect(await readFile(join(at.outside, "a"), "utf8")).toBe("one\n");
    // Beside the places that the sandbox protects while it is warm.
    const names = (await readdir(at.root)).filter((name) => PROTECTED_METADATA_NAMES.every((own) => own !== name));
    expect(names.sort()).toEqual(["a", "l"]);
    await applyPatch(at.executor, patchOf("*** Update File: a", "@@", "-one", "+two", "*** Add File: d/n"), {
      cwd: at.root,
      sandbox,
    });
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("two\n");
  });
});

describe("files that change meanwhile", () => {
  const text = patchOf("*** Update File: a", "@@", "-one", "+two", "*** Add File: d/n", "+x", "*** Delete File: c");

  test.each<[string, (root: string) => Promise<void>, Record<string, string>]>([
    ["an updated one", (root) => writeFile(join(root, "a"), "ONE\n"), { a: "ONE\n", c: "c\n" }],
    [
      "one that is to be new",
      (root) => writeFile(join(root, "d/n"), "theirs\n"),
      { a: "one\n", c: "c\n", d: "EISDIR", "d/n": "theirs\n" },
    ],
    ["a deleted one", (root) => writeFile(join(root, "c"), "other\n"), { a: "one\n", c: "other\n" }],
    ["one that is gone", (root) => unlink(join(root, "a")), { c: "c\n" }],
  ])("are noticed, and stay as they are: %s", async (_, meanwhile, left) => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "c"), "c\n");
    let isDone = false;
    const executor = before(at.executor, "writeFile", async () => {
      const isFirst = !isDone;
      isDone = true;
      if (isFirst) await meanwhile(at.root);
    });
    const error = await failure(applyPatch(executor, text, { cwd: at.root }));
    expect(error.code).toBe("changed");
    expect(error.message).toMatch(
      /was changed by somebody else while the patch was being applied; nothing was changed$/,
    );
    const names = (await readdir(at.root, { recursive: true })).sort();
    expect(names.filter((name) => name.includes(".holdfast"))).toEqual([]);
    const contents = await Promise.all(
      names.map((name) => readFile(join(at.root, name), "utf8").catch((thrown: { code: string }) => thrown.code)),
    );
    expect(Object.fromEntries(names.map((name, index) => [name, contents[index]]))).toEqual(left);
  });

  test("in the middle are noticed as well: what was done is undone", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await link(join(at.root, "a"), join(at.root, "a-too"));
    await writeFile(join(at.root, "c"), "c\n");
    await chmod(join(at.root, "c"), 0o640);
    await link(join(at.root, "c"), join(at.root, "c-too"));
    const executor = before(at.executor, "rename", async (path) => {
      if (path.includes("/d/")) await writeFile(join(at.root, "d/n"), "theirs\n");
    });
    const error = await failure(applyPatch(executor, text, { cwd: at.root }));
    expect(error.code).toBe("changed");
    expect(error.remains).toEqual([]);
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n");
    expect((await stat(join(at.root, "a"))).ino).toBe((await stat(join(at.root, "a-too"))).ino);
    expect(await readFile(join(at.root, "d/n"), "utf8")).toBe("theirs\n");
    expect((await readdir(at.root)).sort()).toEqual(["a", "a-too", "c", "c-too", "d"]);
  });

  test("after a part was done are left to whoever changed them, and told", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "c"), "c\n");
    const executor = before(at.executor, "rename", async (path) => {
      if (!path.endsWith("/c")) return;
      await writeFile(join(at.root, "a"), "theirs\n");
      throw Object.assign(new Error("EIO: i/o error, fs.rename"), await fileError(at.executor));
    });
    const error = await failure(applyPatch(executor, text, { cwd: at.root }));
    expect(error.remains).toEqual([
      { path: join(at.root, "a"), state: "foreign", reason: "somebody else wrote to it meanwhile" },
    ]);
    expect(error.message).toContain(`not as before: ${at.root}/a (somebody else wrote to it meanwhile)`);
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("theirs\n");
    expect((await readdir(at.root)).sort()).toEqual(["a", "c"]);
  });

  test("in the place of a deleted one stay, and where that is, is told", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "c"), "c\n");
    await writeFile(join(at.root, "e"), "e\n");
    const executor = before(at.executor, "rename", async (path) => {
      // The second file to go fails, after the first has gone and another has taken its place.
      if (!path.endsWith("/e")) return;
      await until(async () => !(await readdir(at.root)).includes("c"));
      await writeFile(join(at.root, "c"), "theirs\n");
      throw Object.assign(new Error("EIO: i/o error, fs.rename"), await fileError(at.executor));
    });
    const both = patchOf("*** Update File: a", "@@", "-one", "+two", "*** Delete File: c", "*** Delete File: e");
    const error = await failure(applyPatch(executor, both, { cwd: at.root }));
    const [aside = ""] = (await readdir(at.root)).filter((name) => name.startsWith(".holdfast-patch-"));
    expect(error.remains).toEqual([
      {
        path: join(at.root, "c"),
        state: "foreign",
        reason: `something else is there by now; what was there is ${join(at.root, aside)}`,
      },
    ]);
    expect(await readFile(join(at.root, aside), "utf8")).toBe("c\n");
    expect(await readFile(join(at.root, "c"), "utf8")).toBe("theirs\n");
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n");
  });

  test("a patch that is aborted while it is put in place is finished", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "c"), "c\n");
    const controller = new AbortController();
    const executor = before(at.executor, "rename", async () => controller.abort(new Error("too late")));
    const { isApplied } = await applyPatch(executor, text, { cwd: at.root, signal: controller.signal });
    expect(isApplied).toBe(true);
    expect((await readdir(at.root)).sort()).toEqual(["a", "d"]);
  });

  test("an aborted patch changes nothing, and fails with the reason", async () => {
    await using at = await patchMachine();
    await writeFile(join(at.root, "a"), "one\n");
    await writeFile(join(at.root, "c"), "c\n");
    const controller = new AbortController();
    const reason = new Error("the turn is over");
    const executor = before(at.executor, "writeFile", async () => controller.abort(reason));
    await expect(applyPatch(executor, text, { cwd: at.root, signal: controller.signal })).rejects.toBe(reason);
    expect((await readdir(at.root)).sort()).toEqual(["a", "c"]);
    expect(await readFile(join(at.root, "a"), "utf8")).toBe("one\n");
  });
});

/** A failure as the client has it, made by a real one. */
async function fileError(executor: Executor): Promise<object> {
  return await executor.fs.readFile("/no such file").then(
    () => ({}),
    (error: object) => Object.fromEntries(Object.getOwnPropertySymbols(error).map((key) => [key, true])),
  );
}
