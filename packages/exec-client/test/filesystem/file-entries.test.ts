import { describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { connected } from "../support/connected.ts";
import { type Handler, Refusal } from "../support/fake-exec-server.ts";

function base64(text: string) {
  return Buffer.from(text).toString("base64");
}

/** A client of an executor with the capability that answers everything with nothing. */
function capable(handlers: Record<string, Handler> = {}) {
  const info = { shell: { name: "sh", path: "/bin/sh" }, platformOs: "linux", capabilities: { holdfastFiles: true } };
  const methods = ["makeLink", "rename", "setAttributes", "appendFile", "writeFile"];
  const nothing = methods.map((name) => [`holdfast/${name}`, () => ({})] as const);
  return connected({
    initialize: () => ({ sessionId: "s", environmentInfo: info }),
    ...Object.fromEntries(nothing),
    ...handlers,
  });
}

function invalid(argument: string, message: RegExp) {
  return expect.objectContaining({ name: "InvalidArgumentError", argument, message: expect.stringMatching(message) });
}

describe("on an executor with the capability", () => {
  test("each operation is one request", async () => {
    await using line = await capable({ "holdfast/makeTemporaryFolder": () => ({ path: "file:///tmp/b-x1" }) });
    const { fs } = line.executor;
    await fs.symlink("over/there", "/l");
    await fs.link("/a", "/b");
    await fs.rename("/a", "/b");
    await fs.chmod("/a", 0o755);
    await fs.chown("/a", 1, 2);
    await fs.utimes("/a", 1.5, new Date(2), { followSymlinks: false });
    await fs.truncate("/a");
    expect(await fs.mkdtemp("/tmp/b-")).toBe("/tmp/b-x1");
    await fs.mkdtemp("/tmp/");
    expect(line.server.of("holdfast/makeLink")).toEqual([
      { path: "file:///l", targetBase64: base64("over/there") },
      { path: "file:///b", existingPath: "file:///a" },
    ]);
    expect(line.server.of("holdfast/rename")).toEqual([{ sourcePath: "file:///a", destinationPath: "file:///b" }]);
    const file = { path: "file:///a", followSymlinks: true };
    expect(line.server.of("holdfast/setAttributes")).toEqual([
      { ...file, mode: 0o755 },
      { ...file, uid: 1, gid: 2 },
      { ...file, accessedAtMs: 1_500, modifiedAtMs: 2, followSymlinks: false },
      { ...file, size: 0 },
    ]);
    expect(line.server.of("holdfast/makeTemporaryFolder")).toEqual([
      { folder: "file:///tmp", prefix: "b-" },
      { folder: "file:///tmp", prefix: "" },
    ]);
  });

  test("a rename that must replace nothing is asked only of one that knows how, as another would replace", async () => {
    await using line = await capable();
    const rename = (executor: Executor) => executor.fs.rename("/a", "/b", { noReplace: true });
    await expect(rename(line.executor)).rejects.toMatchObject({
      name: "UnsupportedError",
      lacks: "the capability `holdfastNoReplace`",
    });
    expect(line.server.of("holdfast/rename")).toEqual([]);
    const capabilities = { holdfastFiles: true, holdfastNoReplace: true };
    const info = { shell: { name: "sh", path: "/bin/sh" }, platformOs: "linux", capabilities };
    await using knowing = await capable({ initialize: () => ({ sessionId: "s", environmentInfo: info }) });
    await rename(knowing.executor);
    expect(knowing.server.of("holdfast/rename")).toMatchObject([{ noReplace: true }]);
  });

  test("a file is written with a mode, or only where there is none, in one request", async () => {
    await using line = await capable({ "fs/writeFile": () => ({}) });
    const { fs } = line.executor;
    await fs.writeFile("/a", "x", { mode: 0o600 });
    await fs.writeFile("/a", new Blob(["x"]), { flag: "wx" });
    await fs.writeFile("/a", new Uint8Array([120]).buffer);
    const written = { path: "file:///a", chunk: base64("x") };
    expect(line.server.of("holdfast/writeFile")).toEqual([
      { ...written, mode: 0o600, exclusive: false },
      { ...written, exclusive: true },
    ]);
    expect(line.server.of("fs/writeFile")).toEqual([{ path: "file:///a", dataBase64: base64("x") }]);
  });

  test("a stream is added in blocks of 1 MiB, in their order, and ended when the executor refuses", async () => {
    let isFull = false;
    await using line = await capable({
      "holdfast/appendFile": () => {
        if (isFull) throw new Refusal(-32603, "No space left on device (os error 28)");
        return {};
      },
    });
    const { fs } = line.executor;
    let ended = 0;
    async function* source() {
      try {
        for (let n = 0; n < 5; n += 1) yield new Uint8Array(500_000).fill(n);
      } finally {
        ended += 1;
      }
    }
    await fs.appendFile("/log", source());
    const sent = line.server.of("holdfast/appendFile").map(chunkOf);
    expect(sent.map((chunk) => chunk.byteLength)).toEqual([1_048_576, 1_048_576, 402_848]);
    const whole = Buffer.concat(Array.from({ length: 5 }, (_, n) => Buffer.alloc(500_000, n)));
    expect(Buffer.concat(sent).equals(whole)).toBe(true);
    isFull = true;
    await expect(fs.appendFile("/log", source())).rejects.toMatchObject({ code: "ENOSPC", path: "/log" });
    expect(ended).toBe(2);
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1_048_576)),
      cancel: () => {
        isCancelled = true;
      },
    });
    await expect(fs.appendFile("/log", stream)).rejects.toMatchObject({ code: "ENOSPC" });
    expect(isCancelled).toBe(true);
  });

  test("a source that stands still is given up with the signal", async () => {
    await using line = await capable();
    const giveUp = new AbortController();
    const stream = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const adding = line.executor.fs.appendFile("/log", stream, { signal: giveUp.signal });
    giveUp.abort(new Error("enough"));
    await expect(adding).rejects.toThrow("enough");
  });

  test("what can not be done is refused before anything is sent", async () => {
    await using line = await capable();
    const { fs } = line.executor;
    await expect(fs.chmod("/a", 0o10000)).rejects.toThrow(invalid("mode", /0 to 4095/));
    await expect(fs.truncate("/a", -1)).rejects.toThrow(invalid("size", /integer/));
    await expect(fs.utimes("/a", Number.NaN, 1)).rejects.toThrow(invalid("accessed", /Date/));
    await expect(fs.symlink("", "/a")).rejects.toThrow(invalid("target", /empty/));
    await expect(fs.symlink("half \ud800", "/a")).rejects.toThrow(invalid("target", /within a character/));
    await expect(fs.mkdtemp("/tmp/half-\ud800")).rejects.toThrow(invalid("prefix", /within a character/));
    await expect(fs.mkdtemp("/tmp/nul-\0")).rejects.toThrow(invalid("prefix", /NUL/));
    await expect(fs.mkdtemp("relative-")).rejects.toThrow(invalid("prefix", /absolute/));
    await expect(fs.rename("a", "/b")).rejects.toThrow(invalid("source", /absolute/));
    await expect(fs.appendFile("/a", 5 as unknown as string)).rejects.toThrow(invalid("data", /not 5/));
    await expect(fs.writeFile("/a", {} as unknown as string)).rejects.toThrow(invalid("data", /an object/));
    await expect(fs.writeFile("/a", "x", { flag: "a" as "w" })).rejects.toThrow(invalid("flag", /"w" or "wx"/));
    await expect(fs.stat("/a", { timeout: 1 } as object)).rejects.toThrow(invalid("timeout", /did you mean timeoutMs/));
    for (const method of ["appendFile", "makeLink", "makeTemporaryFolder"]) {
      expect(line.server.of(`holdfast/${method}`)).toEqual([]);
    }
  });
});

test("an executor that has neither the capability nor Linux says what is missing", async () => {
  const shell = { name: "powershell", path: "C:\\powershell.exe" };
  await using line = await connected({
    initialize: () => ({ sessionId: "s", environmentInfo: { shell, platformOs: "windows" } }),
  });
  const unsupported = expect.objectContaining({
    name: "UnsupportedError",
    code: "unsupported",
    operation: "fs.rename",
    lacks: expect.stringContaining("holdfastFiles"),
  });
  await expect(line.executor.fs.rename("C:\\a", "C:\\b")).rejects.toThrow(unsupported);
  const links = line.executor.fs.walk("C:\\", { includeSymlinks: true });
  await expect(links).rejects.toThrow(expect.objectContaining({ code: "unsupported" }));
});

function chunkOf({ chunk }: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(String(chunk), "base64");
}
