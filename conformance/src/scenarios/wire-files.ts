import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WireScenario } from "../scenario.ts";
import { uriOf } from "../start-params.ts";
import { WireLine } from "../wire-line.ts";

const WALK_OPTIONS = { maxDepth: 4, maxDirectories: 100, maxEntries: 100, followDirectorySymlinks: false };

/** Node takes a path of raw bytes; `Buffer` is the only way to spell names that are not UTF-8. */
function rawPath(folder: string, name: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
}

export const WIRE_FILES: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.copy-onto-itself",
    sentence: "a file copied onto itself keeps its content",
    requirements: ["fs.copy-itself", "fs.copy"],
    essential: true,
    async run(context) {
      const path = join(context.folder, "precious.txt");
      await writeFile(path, "precious\n");
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const uri = uriOf(path);
      await line.call("fs/copy", { sourcePath: uri, destinationPath: uri, recursive: false });
      assert.equal(await readFile(path, "utf8"), "precious\n", "the file lost its content");
    },
  },
  {
    direction: "wire",
    id: "wire.failed-write-loses-nothing",
    sentence: "a write that the file system cuts short leaves the old content",
    requirements: ["fs.write-loses-nothing", "fs.write-file"],
    essential: true,
    async run(context) {
      const path = join(context.folder, "old.txt");
      await writeFile(path, "old content\n");
      // A limit on the size of files stands for a full disk: the write fails after some of it went out.
      await using executor = await context.serve({ shellPrelude: "trap '' XFSZ; ulimit -f 64" });
      await using line = await WireLine.open(executor.url);
      const dataBase64 = Buffer.alloc(1 << 20, "n").toString("base64");
      const { error } = await line.call("fs/writeFile", { path: uriOf(path), dataBase64 });
      assert.equal(error?.code, -32603);
      assert.ok((await readFile(path, "utf8")) === "old content\n", "the old content is gone");
    },
  },
  {
    direction: "wire",
    id: "wire.odd-names",
    sentence: "names with a tab, a line feed or bytes that are no UTF-8 can be listed and opened",
    requirements: ["fs.odd-names", "fs.walk", "fs.read-file"],
    essential: true,
    since: "0.144.0",
    async run(context) {
      const names = [
        [0x61, 0x09, 0x62],
        [0x63, 0x0a, 0x64],
        [0x65, 0xff, 0x66],
      ];
      for (const [n, name] of names.entries()) await writeFile(rawPath(context.folder, name), `content ${n}`);
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const walk = await line.call("fs/walk", { path: uriOf(context.folder), options: WALK_OPTIONS });
      assert.deepEqual(walk.result?.errors, [], "the walk could not look at everything");
      const entries = walk.result?.entries as readonly { path: string; kind: string }[];
      const contents: string[] = [];
      for (const { path } of entries) {
        const { result, error } = await line.call("fs/readFile", { path });
        assert.equal(error, undefined, `reading ${path}`);
        contents.push(Buffer.from(String(result?.dataBase64), "base64").toString());
      }
      assert.deepEqual(contents.sort(), ["content 0", "content 1", "content 2"]);
    },
  },
  {
    direction: "wire",
    id: "wire.remove-home",
    sentence: "removing the folder that is the executor's home is refused",
    requirements: ["fs.remove-home", "fs.remove"],
    essential: true,
    async run(context) {
      const home = join(context.folder, "home");
      await mkdir(join(home, "documents"), { recursive: true });
      await using executor = await context.serve({ env: { HOME: home } });
      await using line = await WireLine.open(executor.url);
      const { error } = await line.call("fs/remove", { path: uriOf(home), recursive: true, force: true });
      assert.ok(error !== undefined, "the home was removed");
      assert.ok((await stat(join(home, "documents"))).isDirectory());
    },
  },
];
