import { once } from "node:events";
import { mkdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { startParams, uriOf } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";

/** Of the files that are archived: an archive tells times, and is recorded byte by byte. */
const MODIFIED_S = 1_750_000_000;

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

async function driveProcesses(line: WireLine, folder: string): Promise<void> {
  const start = (processId: string, argv: readonly string[], more: object) =>
    line.call("process/start", startParams(folder, { processId, argv, ...more }));
  await line.call("holdfast/listProcesses", {});
  await start("cat", ["/bin/cat"], { pipeStdin: true, holdfast: {} });
  await start("shell", ["/bin/sh"], { tty: true, holdfast: { terminal: { rows: 40, columns: 100 } } });
  await start("closed", ["/bin/sleep", "60"], {});
  await start("ended", ["/bin/sleep", "60"], { holdfast: { maxDetachedMs: 2_000 } });
  await line.call("holdfast/endProcess", { processId: "ended", graceMs: 2_000 });
  await line.notice("process/closed", "ended");
  await line.call("holdfast/endProcess", { processId: "nobody", graceMs: 0 });
  await line.call("holdfast/holdOutput", { processId: "cat", held: true });
  await line.call("holdfast/holdOutput", { processId: "cat", held: false });
  await line.call("holdfast/holdOutput", { processId: "nobody", held: true });
  await line.call("holdfast/resizeTerminal", { processId: "shell", rows: 20, columns: 60 });
  await line.call("holdfast/resizeTerminal", { processId: "cat", rows: 20, columns: 60 });
  await line.call("holdfast/resizeTerminal", { processId: "shell", rows: 0, columns: 60 });
  await line.call("holdfast/listProcesses", { limit: 1 });
  await line.call("holdfast/listProcesses", { limit: null, afterProcessId: "cat" });
  await line.call("holdfast/listProcesses", { afterProcessId: "nobody" });
  await line.call("holdfast/closeStdin", { processId: "closed" });
  await line.call("holdfast/closeStdin", { processId: "cat" });
  await line.call("holdfast/closeStdin", { processId: "nobody" });
  await line.notice("process/closed", "cat");
  for (const processId of ["shell", "closed"]) {
    await line.call("holdfast/signalProcess", { processId, signal: "SIGKILL" });
    await line.notice("process/closed", processId);
  }
  await line.call("holdfast/signalProcess", { processId: "nobody", signal: "SIGTERM" });
  await line.call("holdfast/listProcesses", {});
}

async function driveConnections(line: WireLine): Promise<void> {
  const server = createServer((socket) => socket.write("hello\n"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    await line.call("holdfast/openConnection", { processId: "connection", host: "127.0.0.1", port });
    await line.call("holdfast/listProcesses", { afterProcessId: "closed" });
    await line.call("holdfast/closeStdin", { processId: "connection" });
    await line.notice("process/closed", "connection");
  } finally {
    server.close();
    await once(server, "close");
  }
  await line.call("holdfast/openConnection", { processId: "refused", host: "127.0.0.1", port });
  await line.call("holdfast/openConnection", { processId: "none", host: "", port });
}

async function driveListeners(line: WireLine, folder: string): Promise<void> {
  const { result } = await line.call("holdfast/listen", {
    listenerId: "any",
    host: null,
    port: null,
    otherMachines: null,
  });
  const port = Number(result?.port);
  const path = join(folder, "there.sock");
  await line.call("holdfast/listen", { listenerId: "any", port, path: uriOf(path) });
  await line.call("holdfast/listen", { listenerId: "taken", host: "127.0.0.1", port });
  await line.call("holdfast/listen", { listenerId: "others", host: "0.0.0.0", port: 0, otherMachines: false });
  await line.call("holdfast/listen", { listenerId: "socket", path: uriOf(path) });
  await line.call("holdfast/acceptConnection", { listenerId: "any", processId: "accepted" });
  await line.call("holdfast/acceptConnection", { listenerId: "nobody", processId: "accepted", waitMs: null });
  for (const [listenerId, place] of [
    ["any", { port }],
    ["socket", { path }],
  ] as const) {
    const socket = connect(place);
    const accepting = { listenerId, processId: `accepted by ${listenerId}`, waitMs: 10_000 };
    await line.call("holdfast/acceptConnection", accepting);
    await line.call("holdfast/acceptConnection", accepting);
    socket.end();
    await line.call("holdfast/closeStdin", { processId: accepting.processId });
    await line.notice("process/closed", accepting.processId);
  }
  const opening = { processId: "by socket", path: uriOf(path) };
  await line.call("holdfast/openSocket", opening);
  await line.call("process/terminate", { processId: opening.processId });
  for (const listenerId of ["any", "socket", "nobody"]) await line.call("holdfast/closeListener", { listenerId });
  await line.notice("process/closed", opening.processId);
  await line.call("holdfast/openSocket", { ...opening, processId: "no socket" });
}

async function driveNames(line: WireLine, at: (name: string) => string): Promise<void> {
  for (const name of ["file.txt", "folder", "link", "dangling", "missing"]) {
    await line.call("holdfast/statEntry", { path: at(name) });
  }
  await line.call("holdfast/statEntry", { path: at("link"), followSymlinks: true, sandbox: null });
  await line.call("holdfast/readLink", { path: at("link") });
  await line.call("holdfast/readLink", { path: at("file.txt") });
  await line.call("holdfast/makeLink", { path: at("made"), targetBase64: base64("file.txt") });
  await line.call("holdfast/makeLink", { path: at("second"), existingPath: at("file.txt"), sandbox: null });
  await line.call("holdfast/makeLink", { path: at("second"), existingPath: at("file.txt") });
  await line.call("holdfast/makeLink", { path: at("neither") });
  await line.call("holdfast/rename", { sourcePath: at("made"), destinationPath: at("moved") });
  await line.call("holdfast/rename", { sourcePath: at("moved"), destinationPath: at("made"), noReplace: true });
  await line.call("holdfast/rename", { sourcePath: at("made"), destinationPath: at("second"), noReplace: true });
  await line.call("holdfast/rename", { sourcePath: at("missing"), destinationPath: at("x"), noReplace: null });
  await line.call("holdfast/setAttributes", {
    path: at("second"),
    mode: 0o640,
    size: 4,
    modifiedAtMs: 0,
    accessedAtMs: 0,
  });
  await line.call("holdfast/setAttributes", { path: at("link"), followSymlinks: false, mode: 0o600 });
  await line.call("holdfast/setAttributes", { path: at("missing"), mode: 0o600 });
  await line.call("holdfast/appendFile", { path: at("log"), chunk: base64("line\n") });
  await line.call("holdfast/appendFile", { path: at("folder"), chunk: "" });
  await line.call("holdfast/writeFile", { path: at("private"), chunk: base64("x"), mode: 0o600, exclusive: true });
  await line.call("holdfast/writeFile", { path: at("private"), chunk: "", exclusive: true, sandbox: null });
  await line.call("holdfast/writeFile", { path: at("link"), chunk: "", followSymlinks: false });
  await line.call("holdfast/makeTemporaryFolder", { folder: at(""), prefix: "t-" });
  await line.call("holdfast/makeTemporaryFolder", { folder: at("missing"), prefix: "t-" });
}

async function driveSearch(line: WireLine, at: (name: string) => string): Promise<void> {
  const filter = { patterns: ["**"], ignore: ["log"], includeHidden: true, followSymlinks: false };
  const first = await line.call("holdfast/findFiles", { path: at(""), filter, kinds: ["file"], maxEntries: 1 });
  const cursor = first.result?.cursor;
  await line.call("holdfast/findFiles", { path: at(""), filter, cursor, sandbox: null });
  await line.call("holdfast/findFiles", { path: at(""), filter, cursor: "nowhere" });
  await line.call("holdfast/findFiles", { path: at("missing"), filter });
  await line.call("holdfast/findFiles", { path: at(""), filter: { patterns: ["[z-a]"] } });
  await line.call("holdfast/searchText", { path: at(""), filter, pattern: "CONT", ignoreCase: true, maxMatches: 1 });
  await line.call("holdfast/searchText", {
    path: at(""),
    filter,
    pattern: "^i.*r$",
    isRegex: true,
    maxFileBytes: 1_000,
  });
  await line.call("holdfast/searchText", { path: at(""), filter, pattern: "(", isRegex: true });
}

async function driveWatch(line: WireLine, at: (name: string) => string): Promise<void> {
  await line.call("holdfast/watch", { watchId: "w", path: at("folder"), recursive: true });
  await line.call("holdfast/watch", { watchId: "v", path: at("missing") });
  const told = (type: string) =>
    line.first(({ method, params }) => method === "holdfast/watchEvents" && JSON.stringify(params).includes(type));
  // Not a file: that is made and written, which may be told as two.
  await line.call("fs/createDirectory", { path: at("folder/new") });
  await told("created");
  await line.call("holdfast/rename", { sourcePath: at("folder/new"), destinationPath: at("folder/newer") });
  await told("renamed");
  await line.call("fs/remove", { path: at("folder/newer") });
  await told("removed");
  await line.call("holdfast/unwatch", { watchId: "w" });
  await line.call("holdfast/unwatch", { watchId: "nobody" });
  await line.call("fs/createDirectory", { path: at("goes") });
  await line.call("holdfast/watch", { watchId: "g", path: at("goes") });
  await line.call("fs/remove", { path: at("goes") });
  await told('"end"');
}

async function driveTrees(line: WireLine, at: (name: string) => string): Promise<string> {
  const filter = { exclude: ["*.tmp"], useGitignore: true };
  await line.call("holdfast/listTree", { root: at("tree"), filter });
  await line.call("holdfast/listTree", { root: at("tree"), after: "inner", sandbox: null });
  await line.call("holdfast/listTree", { root: at("missing") });
  await line.call("holdfast/listTree", {});
  await line.call("holdfast/digestFiles", {
    root: at("tree"),
    ranges: [
      { name: "inner/file", length: 5 },
      { name: "missing", offset: 2, length: 5 },
    ],
  });
  await line.call("holdfast/openArchive", { archiveId: "a", root: at("tree"), filter, names: null });
  await line.call("holdfast/openArchive", { archiveId: "b", root: at("file.txt") });
  const read = await line.call("holdfast/readArchive", { archiveId: "a", offset: 0, receivedBytes: 0 });
  await line.call("holdfast/readArchive", { archiveId: "nobody", offset: 0, receivedBytes: 0 });
  await line.call("holdfast/closeArchive", { archiveId: "a" });
  await line.call("holdfast/removeEntries", { root: at("tree"), names: ["inner/file", "inner"], keepFilled: true });
  await line.call("holdfast/removeEntries", { root: at("tree"), names: ["gone"], noFollowNames: 0 });
  await line.call("holdfast/removeEntries", { root: at("tree"), names: ["../file.txt"] });
  return String(read.result?.chunk);
}

async function driveStaging(line: WireLine, at: (name: string) => string, archive: string): Promise<void> {
  await line.call("holdfast/stageFile", { stageId: "f", path: at("staged.txt") });
  await line.call("holdfast/stageFile", { stageId: "f", path: at("other.txt") });
  await line.call("holdfast/stageFile", { stageId: "x", path: at("missing/x"), noFollowNames: 1 });
  await line.call("holdfast/writeStaged", { stageId: "f", offset: 0, chunk: base64("content\n") });
  await line.call("holdfast/writeStaged", { stageId: "nobody", offset: 0, chunk: base64("x") });
  await line.call("holdfast/commitStaged", { stageId: "f", mode: 0o640 });
  await line.call("holdfast/commitStaged", { stageId: "nobody" });
  await line.call("holdfast/stageFile", { stageId: "c", path: at("copied.txt"), within: null, sandbox: null });
  await line.call("holdfast/copyStaged", { stageId: "c", source: at("staged.txt") });
  await line.call("holdfast/copyStaged", { stageId: "c", source: at("missing") });
  await line.call("holdfast/commitStaged", { stageId: "c", noReplace: true });
  await line.call("holdfast/stageFile", { stageId: "n", path: at("copied.txt") });
  await line.call("holdfast/commitStaged", { stageId: "n", noReplace: true });
  await line.call("holdfast/stageFolder", { stageId: "d", path: at("staged"), keepAs: null });
  await line.call("holdfast/stageFolder", { stageId: "e", path: at("file.txt") });
  await line.call("holdfast/addStaged", {
    stageId: "d",
    entries: [
      { path: at("staged/sub") },
      { path: at("staged/link"), targetBase64: base64("sub/put") },
      { path: at("staged/no/where") },
    ],
  });
  await line.call("holdfast/putStaged", { stageId: "d", path: at("staged/sub/put"), mode: 0o600, chunk: base64("x") });
  await line.call("holdfast/putStaged", { stageId: "d", path: at("elsewhere"), chunk: "" });
  await line.call("holdfast/commitStaged", {
    stageId: "d",
    mode: 0o755,
    folderModes: [{ path: at("staged/sub"), mode: 0o700 }],
  });
  await line.call("holdfast/stageFolder", { stageId: "t", path: at("unpacked") });
  await line.call("holdfast/extractStaged", { stageId: "t", offset: 0, chunk: archive });
  await line.call("holdfast/extractStaged", { stageId: "nobody", offset: 0, chunk: archive });
  await line.call("holdfast/listTree", { stageId: "t" });
  await line.call("holdfast/commitStaged", { stageId: "t" });
  await line.call("holdfast/stageFolder", { stageId: "k", path: at("kept"), keepAs: "key" });
  await line.call("holdfast/discardStaged", { stageId: "k" });
  await line.call("holdfast/discardStaged", { stageId: "nobody" });
}

/** Walk through every method of the extension and most of its answers, in a folder of its own below `folder`. */
export async function driveExtension(line: WireLine, folder: string): Promise<void> {
  const root = join(folder, "extension");
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, "folder"), { recursive: true });
  await mkdir(join(root, "tree", "inner"), { recursive: true });
  await writeFile(join(root, "file.txt"), "content\n");
  await writeFile(join(root, "folder", "inner.txt"), "inner\n");
  await symlink("file.txt", join(root, "link"));
  await symlink("nowhere", join(root, "dangling"));
  const archived = { "inner/file": "inner", "left.tmp": "", ".gitignore": "*.log\n", "left.log": "" };
  for (const [name, text] of Object.entries(archived)) {
    await writeFile(join(root, "tree", name), text);
    await utimes(join(root, "tree", name), MODIFIED_S, MODIFIED_S);
  }
  for (const name of ["tree/inner", "tree"]) await utimes(join(root, name), MODIFIED_S, MODIFIED_S);
  const at = (name: string): string => uriOf(join(root, name));
  await driveProcesses(line, folder);
  await driveConnections(line);
  await driveListeners(line, root);
  await driveNames(line, at);
  await driveSearch(line, at);
  await driveWatch(line, at);
  await driveStaging(line, at, await driveTrees(line, at));
}
