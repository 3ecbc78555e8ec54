import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { uriOf } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";

const WALK = { maxDepth: 3, maxDirectories: 10, maxEntries: 100, followDirectorySymlinks: true };

async function driveContent(line: WireLine, at: (name: string) => string): Promise<void> {
  await line.call("fs/writeFile", { path: at("new.txt"), dataBase64: "bmV3Cg==" });
  await line.call("fs/writeFile", { path: at("new.txt"), dataBase64: "", sandbox: null, followSymlinks: true });
  await line.call("fs/writeFile", { path: at("new.txt"), dataBase64: "!" });
  await line.call("fs/readFile", { path: at("file.txt") });
  await line.call("fs/readFile", { path: at("new.txt"), sandbox: null, followSymlinks: null });
  await line.call("fs/readFile", { path: at("folder") });
  await line.call("fs/readFile", { path: at("link"), followSymlinks: false });
  for (const name of ["file.txt", "folder", "link", "missing", "dangling"]) {
    await line.call("fs/getMetadata", { path: at(name) });
  }
  await line.call("fs/canonicalize", { path: at("link") });
  await line.call("fs/canonicalize", { path: at("missing"), sandbox: null });
}

async function driveTree(line: WireLine, at: (name: string) => string): Promise<void> {
  await line.call("fs/createDirectory", { path: at("a/b/c") });
  await line.call("fs/createDirectory", { path: at("a/b/c"), recursive: false });
  await line.call("fs/createDirectory", { path: at("file.txt"), recursive: null, sandbox: null });
  await line.call("fs/readDirectory", { path: at("") });
  await line.call("fs/readDirectory", { path: at("a/b/c"), sandbox: null });
  await line.call("fs/readDirectory", { path: at("file.txt") });
  await line.call("fs/copy", { sourcePath: at("file.txt"), destinationPath: at("copy.txt"), recursive: false });
  await line.call("fs/copy", { sourcePath: at("folder"), destinationPath: at("copy"), recursive: true, sandbox: null });
  await line.call("fs/copy", { sourcePath: at("folder"), destinationPath: at("copy2"), recursive: false });
  await line.call("fs/copy", { sourcePath: at("folder"), destinationPath: at("folder/in"), recursive: true });
  await line.call("fs/walk", { path: at(""), options: WALK });
  await line.call("fs/walk", {
    path: at(""),
    options: { ...WALK, maxEntries: 2, pruneHiddenDirectories: true },
    sandbox: null,
  });
  await line.call("fs/walk", { path: at("a/b/c"), options: WALK });
  await line.call("fs/walk", { path: at(""), options: { ...WALK, maxDepth: 65 } });
  await line.call("fs/remove", { path: at("copy"), recursive: false });
  await line.call("fs/remove", { path: at("copy"), recursive: true, force: false });
  await line.call("fs/remove", { path: at("missing"), recursive: null, force: null, sandbox: null });
  await line.call("fs/remove", { path: at("missing"), force: false });
}

async function driveHandles(line: WireLine, at: (name: string) => string): Promise<void> {
  await line.call("fs/open", { handleId: "h1", path: at("file.txt") });
  await line.call("fs/open", { handleId: "h1", path: at("file.txt"), sandbox: null });
  await line.call("fs/readBlock", { handleId: "h1", offset: 0, len: 4 });
  await line.call("fs/readBlock", { handleId: "h1", offset: 100, len: 4 });
  await line.call("fs/readBlock", { handleId: "h1", offset: 0, len: 0 });
  await line.call("fs/readBlock", { handleId: "nobody", offset: 0, len: 4 });
  await line.call("fs/close", { handleId: "h1" });
  await line.call("fs/open", { handleId: "h2", path: at("missing"), mode: "read" });
  const opened = await line.call("fs/open", { handleId: "h3", path: at("block.bin"), mode: "replace" });
  if (opened.result !== undefined) {
    await line.call("fs/writeBlock", { handleId: "h3", offset: 4, chunk: "YWJjZA==" });
    await line.call("fs/close", { handleId: "h3" });
  }
}

async function driveWatch(line: WireLine, at: (name: string) => string): Promise<void> {
  const watch = await line.call("fs/watchMissing", { watchId: 1, missing: [at("appears")], present: at("file.txt") });
  if (watch.result === undefined) return;
  await line.call("fs/createDirectory", { path: at("appears") });
  await line.first(({ method }) => method === "fs/missingChanged");
  await line.call("fs/watchMissing", { watchId: 2, missing: [], present: null });
}

/** Walk through every method and most answers of `fs/*`, in a folder of its own below `folder`. */
export async function driveFiles(line: WireLine, folder: string): Promise<void> {
  const root = join(folder, "files");
  await mkdir(join(root, "folder"), { recursive: true });
  await writeFile(join(root, "file.txt"), "content\n");
  await writeFile(join(root, "folder", "inner.txt"), "inner\n");
  await symlink("file.txt", join(root, "link"));
  await symlink("nowhere", join(root, "dangling"));
  const at = (name: string): string => uriOf(join(root, name));
  await driveContent(line, at);
  await driveTree(line, at);
  await driveHandles(line, at);
  await driveWatch(line, at);
}
