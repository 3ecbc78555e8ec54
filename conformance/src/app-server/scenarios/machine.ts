import assert from "node:assert/strict";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { AppServer } from "@holdfast/app-server-client";
import type { AppServerScenario } from "../app-server-scenario.ts";

/** What a command prints, by its deltas. */
function outputOf(codex: AppServer, processId: string) {
  let text = "";
  let changed = Promise.withResolvers<void>();
  const stop = codex.on("command/exec/outputDelta", (delta) => {
    if (delta.processId !== processId) return;
    text += Buffer.from(delta.deltaBase64, "base64").toString("utf8");
    changed.resolve();
    changed = Promise.withResolvers();
  });
  return {
    stop,
    async includes(part: string): Promise<void> {
      while (!text.includes(part)) await changed.promise;
    },
  };
}

export const commandExec: AppServerScenario = {
  id: "app-server.command-exec",
  sentence: "a command on a terminal takes input and sizes while it runs, and its exit code comes behind its output",
  turns: [],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const { exec } = codex.command;
    const processId = "terminal";
    const output = outputOf(codex, processId);
    const ended = exec({
      command: ["bash", "-c", "stty size; read -r line; stty size; echo said $line; exit 3"],
      processId,
      tty: true,
      size: { rows: 24, cols: 80 },
      cwd: folder,
      sandboxPolicy: { type: "dangerFullAccess" },
    });
    await output.includes("24 80");
    await exec.resize({ processId, size: { rows: 40, cols: 132 } });
    await exec.write({ processId, deltaBase64: Buffer.from("hello\n").toString("base64") });
    await output.includes("40 132");
    await output.includes("said hello");
    assert.deepEqual(await ended, { exitCode: 3, stdout: "", stderr: "" });
    output.stop();
    await assert.rejects(exec.write({ processId, closeStdin: true }), { name: "RemoteError", code: -32600 });

    const sandboxPolicy = { type: "dangerFullAccess" } as const;
    const plain = await exec({ command: ["sh", "-c", "echo out; echo err >&2"], cwd: folder, sandboxPolicy });
    assert.deepEqual(plain, { exitCode: 0, stdout: "out\n", stderr: "err\n" });
    const endless = exec({ command: ["sleep", "60"], processId: "endless", cwd: folder, sandboxPolicy });
    await exec.terminate({ processId: "endless" });
    assert.equal((await endless).exitCode, 137);
  },
};

export const files: AppServerScenario = {
  id: "app-server.files",
  sentence: "files are written, read, listed, copied, watched and removed, within one temporary folder",
  turns: [],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const { fs } = codex;
    const at = (name: string): string => join(folder, name);
    const dataBase64 = Buffer.from("hello").toString("base64");
    const changed = Promise.withResolvers<readonly string[]>();
    codex.on("fs/changed", ({ changedPaths }) => changed.resolve(changedPaths));
    await fs.watch({ watchId: "one", path: folder });
    await fs.writeFile({ path: at("file"), dataBase64 });
    assert.deepEqual(await changed.promise, [at("file")]);
    await fs.unwatch({ watchId: "one" });
    assert.equal(await readFile(at("file"), "utf8"), "hello");
    assert.deepEqual(await fs.readFile({ path: at("file") }), { dataBase64 });
    await fs.createDirectory({ path: at("made/below") });
    await fs.copy({ sourcePath: at("made"), destinationPath: at("copied"), recursive: true });
    await symlink("file", at("link"));
    const { isFile, isSymlink } = await fs.getMetadata({ path: at("link") });
    assert.deepEqual({ isFile, isSymlink }, { isFile: true, isSymlink: true });
    const { entries } = await fs.readDirectory({ path: folder });
    assert.deepEqual(entries.map(({ fileName }) => fileName).sort(), ["copied", "file", "link", "made"]);
    await fs.remove({ path: at("copied"), recursive: true, force: false });
    await assert.rejects(fs.getMetadata({ path: at("copied") }), { name: "RemoteError", code: -32603 });
    await assert.rejects(fs.readFile({ path: folder }), { name: "RemoteError", code: -32600 });
  },
};
