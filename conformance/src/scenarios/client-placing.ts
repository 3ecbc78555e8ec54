import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Executor, type WriteStreamOptions } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import type { ClientScenario } from "../scenario.ts";
import { placingAttacker } from "./placing-attacker.ts";

const FILE_BYTES = 3 * (1 << 20) + 17;
const ROUNDS = 6;
const LEFT_WITHIN_MS = 10_000;

function uri(path: string) {
  return pathUriFromNative(path, "posix");
}
async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}
function content(letter: string): Uint8Array {
  return Buffer.alloc(FILE_BYTES, letter);
}

async function writeStream(
  executor: Executor,
  path: string,
  data: Uint8Array,
  options: WriteStreamOptions = {},
): Promise<void> {
  const writer = executor.fs.createWriteStream(path, options).getWriter();
  try {
    await writer.write(data);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}

async function writeTree(executor: Executor, path: string, letter: string) {
  const at = (...names: string[]) => uri(join(path, ...names));
  const tree = await executor.fs.stageTree(path, { noFollowNames: 1 });
  try {
    const problems = await tree.add([
      { path: at("a") },
      { path: at("a", "b c") },
      { path: at("a", "link"), target: Buffer.from("b c/small") },
    ]);
    await tree.put(at("a", "b c", "small"), Buffer.from(letter), 0o640);
    const large = await tree.stageFile(at("a", "large"), { mode: 0o600 });
    for (let sent = 0; sent < FILE_BYTES; sent += large.blocks.blockBytes) {
      await large.blocks.write(content(letter).subarray(sent, sent + large.blocks.blockBytes));
    }
    await large.commit();
    const folderModes = [{ path: at("a", "b c"), mode: 0o750 }];
    const outcome = await tree.commit({ mode: 0o711, folderModes });
    return [...problems, ...outcome.problems];
  } finally {
    await tree.discard();
  }
}

export const CLIENT_PLACING: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.placing",
    sentence:
      "files and trees are under their names when they are whole, with links and modes, and nothing else is left",
    requirements: ["fs.write-file", "fs.handles"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (...names: string[]): string => join(context.folder, ...names);
      await writeFile(at("file"), "old");
      await chmod(at("file"), 0o640);
      await writeStream(executor, at("file"), content("x"));
      assert.ok((await readFile(at("file"))).equals(content("x")));
      assert.equal(await modeOf(at("file")), "640");
      await writeStream(executor, at("script"), content("y"), { mode: 0o755 });
      assert.equal(await modeOf(at("script")), "755");
      await executor.fs.copyAtOnce(at("script"), at("copy"));
      assert.ok((await readFile(at("copy"))).equals(content("y")));
      assert.equal(await modeOf(at("copy")), "755");

      assert.deepEqual(await writeTree(executor, at("tree"), "1"), []);
      const modes = ["", "a/b c", "a/b c/small", "a/large"].map((name) => modeOf(at("tree", name)));
      assert.deepEqual(await Promise.all(modes), ["711", "750", "640", "600"]);
      assert.equal(await readlink(at("tree", "a", "link")), "b c/small");
      await writeFile(at("tree", "a", "kept"), "kept");
      assert.deepEqual(await writeTree(executor, at("tree"), "2"), []);
      assert.equal(await readFile(at("tree", "a", "link"), "utf8"), "2");
      assert.ok((await readFile(at("tree", "a", "large"))).equals(content("2")));
      assert.equal(await readFile(at("tree", "a", "kept"), "utf8"), "kept");
      const names = (await readdir(context.folder)).filter((name) => name.startsWith(".holdfast-"));
      assert.deepEqual(names, []);
    },
  },
  {
    direction: "client",
    id: "client.placing-merges-through-no-link",
    sentence: "a tree that is merged into a folder goes through none of its links, and the rest is put in place",
    requirements: ["fs.write-file"],
    essential: false,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (...names: string[]): string => join(context.folder, ...names);
      await mkdir(at("outside"));
      await mkdir(at("tree"));
      await symlink(at("outside"), at("tree", "a"));
      const problems = await writeTree(executor, at("tree"), "1");
      assert.notEqual(problems.length, 0);
      assert.deepEqual(await readdir(at("outside")), []);
      assert.equal(await readlink(at("tree", "a")), at("outside"));
    },
  },
  {
    direction: "client",
    id: "client.placing-led-by-no-link",
    sentence: "where no link may be, one refuses files, copies and trees, also one that is put there meanwhile",
    requirements: ["fs.write-file", "fs.handles"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (...names: string[]): string => join(context.folder, ...names);
      await mkdir(at("outside"));
      await writeFile(at("outside", "private"), "private");
      await mkdir(at("ws"));
      const there = ["private", "absent", "."] as const;
      const write = (path: string, noFollowNames: number) =>
        writeStream(executor, path, content("x"), { noFollowNames });
      for (const target of there) {
        await symlink(at("outside", target), at("ws", "name"));
        await assert.rejects(write(at("ws", "name"), 1), /is a link to .*outside/);
        await assert.rejects(
          executor.fs.copyAtOnce(at("outside", "private"), at("ws", "name"), { noFollowNames: 1 }),
          /is a link to .*outside/,
        );
        await assert.rejects(executor.fs.stageTree(at("ws", "name"), { noFollowNames: 1 }), /is a link to .*outside/);
        await rm(at("ws", "name"));
      }
      await symlink(at("outside"), at("ws", "led"));
      await assert.rejects(write(at("ws", "led", "new"), 2));
      await assert.rejects(executor.fs.stageTree(at("ws", "led", "new"), { noFollowNames: 2 }));
      const writer = executor.fs.createWriteStream(at("ws", "file"), { noFollowNames: 1 }).getWriter();
      await writer.write(content("x"));
      await symlink(at("outside", "private"), at("ws", "file"));
      await assert.rejects(writer.close(), /is a link to .*private/);
      assert.deepEqual(await readdir(at("outside")), ["private"]);
      assert.equal(await readFile(at("outside", "private"), "utf8"), "private");
      assert.deepEqual((await readdir(at("ws"))).sort(), ["file", "led"]);
      await write(at("ws", "led", "new"), 1);
      assert.deepEqual((await readdir(at("outside"))).sort(), ["new", "private"]);
    },
  },
  {
    direction: "client",
    id: "client.placing-raced",
    sentence:
      "whoever swaps names in the folder that is written to gets nothing written, linked or changed outside of it",
    requirements: ["fs.write-file", "fs.handles"],
    essential: true,
    async run(context) {
      const at = (...names: string[]): string => join(context.folder, ...names);
      await mkdir(at("ws"));
      await mkdir(at("outside"), { mode: 0o700 });
      await writeFile(at("outside", "private"), "private", { mode: 0o600 });
      await using served = await context.serve();
      await using executor = await connect(served.url);
      await using _attacker = await placingAttacker(at("ws"), at("outside"));
      for (let round = 0; round < ROUNDS; round += 1) {
        // Half of the names are known to the attacker before anything is begun.
        const name = round % 2 === 0 ? "known" : `new-${round}`;
        await Promise.allSettled([
          writeStream(executor, at("ws", `file-${name}`), content("x"), { mode: 0o666, noFollowNames: 1 }),
          writeTree(executor, at("ws", `tree-${name}`), "x"),
        ]);
        assert.equal(await readFile(at("outside", "private"), "utf8"), "private");
        assert.equal(await modeOf(at("outside", "private")), "600");
        assert.equal(await modeOf(at("outside")), "700");
        assert.deepEqual(await readdir(at("outside")), ["private"]);
      }
    },
  },
  {
    direction: "client",
    id: "client.placing-leaves-nothing",
    sentence: "an executor that is ended in the middle of a copy leaves nothing of it",
    requirements: ["fs.write-file"],
    essential: false,
    async run(context) {
      const served = await context.serve();
      const executor = await connect(served.url, { recovery: false });
      const path = join(context.folder, "ws");
      await mkdir(path);
      const writer = executor.fs.createWriteStream(join(path, "file")).getWriter();
      await writer.write(content("x"));
      const tree = await executor.fs.stageTree(join(path, "tree"));
      await tree.put(uri(join(path, "tree", "small")), Buffer.from("x"), undefined);
      await served[Symbol.asyncDispose]();
      await writer.abort().catch(() => {});
      await executor.close();
      for (let waited = 0; (await readdir(path)).length > 0; waited += 50) {
        assert.ok(waited < LEFT_WITHIN_MS, `left: ${(await readdir(path)).join(" ")}`);
        await pause(50);
      }
    },
  },
];
