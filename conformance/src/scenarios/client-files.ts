import assert from "node:assert/strict";
import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, isNotFound } from "@holdfast/exec-client";
import { isAtLeast } from "@holdfast/reference-peer";
import type { ClientScenario } from "../scenario.ts";

const BLOB_BYTES = 3 * (1 << 20) + 17;

function blob(): Buffer {
  return Buffer.from(Uint8Array.from({ length: BLOB_BYTES }, (_, n) => (n * 31 + (n >> 8)) & 0xff));
}

export const CLIENT_FILES: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.file-content",
    sentence: "files written are read back byte for byte, whole and as a stream",
    requirements: ["fs.read-file", "fs.write-file", "fs.handles", "fs.not-found"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const path = join(context.folder, "bytes #1 %.bin");
      await executor.fs.writeFile(path, blob());
      assert.ok((await readFile(path)).equals(blob()));
      assert.ok(Buffer.from(await executor.fs.readFile(path)).equals(blob()));
      const chunks: Uint8Array[] = [];
      for await (const chunk of executor.fs.createReadStream(path)) chunks.push(chunk);
      assert.ok(Buffer.concat(chunks).equals(blob()));
      await executor.fs.writeTextFile(path, "grüße\n");
      assert.equal(await executor.fs.readTextFile(path), "grüße\n");
      await assert.rejects(executor.fs.readFile(join(context.folder, "missing")), isNotFound);
    },
  },
  {
    direction: "client",
    id: "client.file-tree",
    sentence: "folders are made, listed, copied, described and removed",
    requirements: ["fs.create-directory", "fs.directory", "fs.copy", "fs.metadata", "fs.remove"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (name: string): string => join(context.folder, name);
      await executor.fs.createDirectory(at("a/b"), { recursive: true });
      await writeFile(at("a/b/file"), "12345");
      await symlink("file", at("a/b/link"));
      const names = (await executor.fs.readDirectory(at("a/b"))).map(({ name }) => name);
      assert.deepEqual(names.sort(), ["file", "link"]);
      const link = await executor.fs.metadata(at("a/b/link"));
      assert.deepEqual([link.isFile, link.isSymlink, link.size], [true, true, 5]);
      await executor.fs.copy(at("a"), at("c"), { recursive: true });
      assert.equal(await readFile(at("c/b/link"), "utf8"), "12345");
      await executor.fs.remove(at("a"), { recursive: true });
      await assert.rejects(stat(at("a")));
      assert.ok((await stat(at("c/b/file"))).isFile());
    },
  },
  {
    direction: "client",
    id: "client.walk",
    sentence: "walk() lists a tree breadth first and says when it stopped early",
    requirements: ["fs.walk"],
    essential: false,
    since: "0.144.0",
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      await executor.fs.createDirectory(join(context.folder, "x/y"), { recursive: true });
      await writeFile(join(context.folder, "x/y/deep"), "");
      await writeFile(join(context.folder, "top"), "");
      const whole = await executor.fs.walk(context.folder, { maxDepth: 5, maxDirectories: 10, maxEntries: 10 });
      const tails = whole.entries.map(({ path }) => path.slice(path.indexOf(context.folder) + context.folder.length));
      assert.deepEqual(tails, ["/top", "/x", "/x/y", "/x/y/deep"]);
      assert.equal(whole.truncated, false);
      const cut = await executor.fs.walk(context.folder, { maxDepth: 5, maxDirectories: 10, maxEntries: 1 });
      assert.equal(cut.truncated, true);
    },
  },
  {
    direction: "client",
    id: "client.environment",
    sentence: "the executor's facts are there, and what a release does not tell is filled in",
    requirements: ["environment.info"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const { environment } = executor;
      assert.notEqual(environment.shell.name, "");
      assert.equal(environment.pathConvention, "posix");
      const release = context.executorRelease;
      const tellsFolder = release === undefined || isAtLeast(release, "0.144.0");
      assert.equal(environment.cwd, tellsFolder ? `file://${context.folder}` : undefined);
      const tellsCapabilities = release !== undefined && isAtLeast(release, "0.169.0");
      if (tellsCapabilities) assert.equal(environment.capabilities.fileWriteStreaming, true);
      const isOlder = release !== undefined && !isAtLeast(release, "0.150.0");
      assert.equal(await executor.status(), isOlder ? "unknown" : "ready");
    },
  },
];
