import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { download } from "../../src/cp/download.ts";
import { downloadTree } from "../../src/cp/download-tree.ts";
import { parseEndpoint } from "../../src/cp/endpoint.ts";
import { Problems } from "../../src/cp/problems.ts";
import type { Transfer } from "../../src/cp/transfer.ts";
import { upload } from "../../src/cp/upload.ts";
import { uploadTree } from "../../src/cp/upload-tree.ts";
import { everyByte, serve } from "../support/cli.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";

const MIB = 1024 * 1024;

describe("a copy whose line is lost in the middle", () => {
  const ways: [string, (transfer: Transfer) => Promise<void>, string, string][] = [
    ["a file up", upload, "large", "remote:copy"],
    ["a file down", download, "remote:large", "copy"],
    ["a folder up", uploadTree, "tree", "remote:copy"],
    ["a folder down", downloadTree, "remote:tree", "copy"],
  ];
  test.each(ways)("goes on where it was: %s", { timeout: 90_000 }, async (_, copy, source, destination) => {
    await using folder = await tempDir();
    const content = everyByte(40 * MIB + 11);
    await writeFile(folder.join("large"), content);
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "large"), content);
    for (let file = 0; file < 50; file += 1) await writeFile(folder.join("tree", `${file}`), `${file}`);
    await using server = await serve({ cwd: folder.path });
    await using proxy = await cuttingProxy(server.url);
    const states: string[] = [];
    await using executor = await connect(proxy.url, { onStateChange: (state) => void states.push(state) });
    const cutsAt = [30, 20 * MIB, 30 * MIB];
    const told: string[] = [];
    let moved = 0;
    await copy({
      executor,
      source: parseEndpoint(source),
      destination: parseEndpoint(destination),
      cwd: folder.path,
      signal: new AbortController().signal,
      problems: new Problems((line) => told.push(line)),
      progress: () => ({
        advance: (bytes) => {
          moved += bytes;
          if (moved < (cutsAt[0] ?? Number.POSITIVE_INFINITY)) return;
          cutsAt.shift();
          proxy.cut();
        },
        [Symbol.dispose]: () => {},
      }),
    });
    expect(told).toEqual([]);
    expect(cutsAt).toEqual([]);
    expect(states.filter((state) => state === "recovering").length).toBeGreaterThanOrEqual(2);
    const isTree = source.endsWith("tree");
    const copied = isTree ? folder.join("copy", "large") : folder.join("copy");
    expect((await readFile(copied)).equals(content)).toBe(true);
    if (isTree) expect(await readFile(folder.join("copy", "37"), "utf8")).toBe("37");
    expect((await readdir(folder.path)).toSorted()).toEqual(["copy", "large", "tree"]);
  });
});
