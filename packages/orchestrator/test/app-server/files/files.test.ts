import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type OpenHost, openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

const internal = (message: string) => ({ code: -32603, message });
const invalid = (message: string) => ({ code: -32600, message });
const MISSING = internal("No such file or directory (os error 2)");
const NO_FOLDER = internal("Not a directory (os error 20)");

/** A folder with a file, folders, and links to a file, a folder and nowhere. */
async function withFiles(): Promise<OpenHost & { readonly at: (name: string) => string }> {
  const host = await openHost();
  const at = (name: string): string => join(host.cwd, name);
  mkdirSync(at("d/sub"), { recursive: true });
  writeFileSync(at("f"), "hello");
  writeFileSync(at("d/x"), "1");
  symlinkSync("f", at("lf"));
  symlinkSync("d", at("ld"));
  symlinkSync("nothing", at("broken"));
  return { ...host, at };
}

describe("files of the host", () => {
  test("are read and written whole", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    expect(await client.fs.readFile({ path: host.at("f") })).toEqual({ dataBase64: "aGVsbG8=" });
    expect(await client.fs.readFile({ path: host.at("lf") })).toEqual({ dataBase64: "aGVsbG8=" });
    expect(await client.fs.writeFile({ path: host.at("new"), dataBase64: "Ynll" })).toEqual({});
    expect(readFileSync(host.at("new"), "utf8")).toBe("bye");
    const read = (path: string) => refusalOf(client.call("fs/readFile", { path }));
    expect(await read(host.at("nope"))).toEqual(MISSING);
    expect(await read(host.at("broken"))).toEqual(MISSING);
    expect(await read(host.at("f/x"))).toEqual(NO_FOLDER);
    for (const path of [host.at("d"), host.at("ld"), "/dev/null"]) {
      expect(await read(path)).toEqual(invalid(`path \`${path}\` is not a file`));
    }
    expect(await read("f")).toEqual(invalid("Invalid request: AbsolutePathBuf deserialized without a base path"));
    const write = (path: string, dataBase64: string) => refusalOf(client.call("fs/writeFile", { path, dataBase64 }));
    expect(await write(host.at("q"), "!!")).toEqual(
      invalid("fs/writeFile requires valid base64 dataBase64: Invalid symbol 33, offset 0."),
    );
    expect(await write(host.at("nope/q"), "YQ==")).toEqual(MISSING);
    expect(await write(host.at("d"), "YQ==")).toEqual(internal("Is a directory (os error 21)"));
  });

  test("are read a few at a time where they are large", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    const path = host.at("large");
    writeFileSync(path, Buffer.alloc(3_000_000, "x"));
    const reads = await Promise.all(Array.from({ length: 20 }, () => client.fs.readFile({ path })));
    for (const { dataBase64 } of reads) expect(dataBase64).toHaveLength(4_000_000);
  });

  test("that are larger than an answer can hold are refused, not read", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    truncateSync(host.at("f"), 2 ** 40);
    expect(await refusalOf(client.call("fs/readFile", { path: host.at("f") }))).toEqual(
      internal("the file has 1099511627776 bytes, and one answer can hold 50330880; read it in parts by a command"),
    );
  });

  test("are made, listed and looked at as folders", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    const make = (params: object) => client.call("fs/createDirectory", params);
    expect(await make({ path: host.at("n/m") })).toEqual({});
    expect(await make({ path: host.at("d"), recursive: null })).toEqual({});
    expect(await refusalOf(make({ path: host.at("d"), recursive: false }))).toEqual(
      internal("File exists (os error 17)"),
    );
    expect(await refusalOf(make({ path: host.at("f") }))).toEqual(internal("File exists (os error 17)"));
    expect(await refusalOf(make({ path: host.at("k/m"), recursive: false }))).toEqual(MISSING);
    const { entries } = await client.fs.readDirectory({ path: host.cwd });
    expect(entries.toSorted((a, b) => a.fileName.localeCompare(b.fileName))).toEqual([
      { fileName: "d", isDirectory: true, isFile: false },
      { fileName: "f", isDirectory: false, isFile: true },
      { fileName: "ld", isDirectory: true, isFile: false },
      { fileName: "lf", isDirectory: false, isFile: true },
      { fileName: "n", isDirectory: true, isFile: false },
    ]);
    expect(await refusalOf(client.call("fs/readDirectory", { path: host.at("f") }))).toEqual(NO_FOLDER);
    expect(await refusalOf(client.call("fs/readDirectory", { path: host.at("nope") }))).toEqual(MISSING);
    const times = { createdAtMs: expect.any(Number), modifiedAtMs: expect.any(Number) };
    const look = (name: string) => client.fs.getMetadata({ path: host.at(name) });
    expect(await look("f")).toEqual({ isDirectory: false, isFile: true, isSymlink: false, ...times });
    expect(await look("ld")).toEqual({ isDirectory: true, isFile: false, isSymlink: true, ...times });
    expect(await refusalOf(look("broken"))).toEqual(MISSING);
  });

  test("are copied, whole folders where that is asked for", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    const copy = (from: string, to: string, more: object = {}) =>
      client.call("fs/copy", { sourcePath: host.at(from), destinationPath: host.at(to), ...more });
    expect(await copy("f", "f2")).toEqual({});
    expect(await refusalOf(copy("d", "d2"))).toEqual(
      invalid("fs/copy requires recursive: true when sourcePath is a directory"),
    );
    expect(await copy("d", "d2", { recursive: true })).toEqual({});
    expect(existsSync(host.at("d2/x"))).toBe(true);
    for (const to of ["d", "d/y"]) {
      expect(await refusalOf(copy("d", to, { recursive: true }))).toEqual(
        invalid("fs/copy cannot copy a directory to itself or one of its descendants"),
      );
    }
    expect(await refusalOf(copy("nope", "y"))).toEqual(MISSING);
    expect(await refusalOf(copy("f", "d"))).toEqual(internal("Is a directory (os error 21)"));
    const device = client.call("fs/copy", { sourcePath: "/dev/null", destinationPath: host.at("null") });
    expect(await refusalOf(device)).toEqual(invalid("fs/copy only supports regular files, directories, and symlinks"));
  });

  test("are removed with all below them where nothing else is said", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    const remove = (name: string, more: object = {}) => client.call("fs/remove", { path: host.at(name), ...more });
    expect(await refusalOf(remove("d", { recursive: false }))).toEqual(internal("Directory not empty (os error 39)"));
    expect(await remove("d/sub", { recursive: false })).toEqual({});
    expect(await remove("ld")).toEqual({});
    expect(existsSync(host.at("d/x"))).toBe(true);
    expect(await remove("d", { recursive: null, force: null })).toEqual({});
    expect(existsSync(host.at("d"))).toBe(false);
    expect(await remove("nope")).toEqual({});
    expect(await refusalOf(remove("nope", { force: false }))).toEqual(MISSING);
  });

  test("are not removed where everything stands on them", async () => {
    await using host = await withFiles();
    await using client = await host.client();
    mkdirSync(join(host.userHome, "documents"));
    const places = [host.userHome, `${host.userHome}/`, join(host.userHome, "documents", ".."), host.folder];
    for (const path of places) {
      expect(await refusalOf(client.call("fs/remove", { path }))).toMatchObject({ code: -32600 });
    }
    expect(existsSync(join(host.userHome, "documents"))).toBe(true);
    expect(existsSync(host.at("f"))).toBe(true);
  });
});
