import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "./line.ts";

const NOTHING_LEFT = { inherit: "none", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };
const TOO_LONG = "Argument list too long (os error 7)";

describe("a start that asks for much", () => {
  test("a pattern that matches almost is decided, not tried for ever", async () => {
    await using line = await Line.ready();
    const envPolicy = { ...NOTHING_LEFT, set: { ["a".repeat(400)]: "1" }, includeOnly: ["*a*a*a*a*a*a*b", "PATH"] };
    expect(await line.run("p", ["env"], { envPolicy, env: { PATH: "/usr/bin:/bin", A: "1" } })).toBe(
      "PATH=/usr/bin:/bin\nA=1\n",
    );
  });

  test("patterns that cost too much are refused with the bound", async () => {
    await using line = await Line.ready({ limits: { maxPatternSteps: 100 } });
    const envPolicy = { ...NOTHING_LEFT, set: { ["a".repeat(400)]: "1" }, includeOnly: ["*a*a*a*a*a*a*b"] };
    await expect(line.start("p", ["env"], { envPolicy })).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining("`envPolicy` take more than 100 comparisons"),
    });
  });

  test("a program is found behind many spellings of one folder, and not behind more folders than are looked into", async () => {
    await using folder = await tempDir();
    writeFileSync(join(folder.path, "tool"), "#!/bin/sh\necho found\n", { mode: 0o755 });
    await using line = await Line.ready();
    const [same, different] = ["/nowhere:".repeat(10_000), Array.from({ length: 256 }, (_, n) => `/no/${n}:`).join("")];
    expect(await line.run("p", ["tool"], { env: { PATH: same + folder.path } })).toBe("found\n");
    await expect(line.start("q", ["tool"], { env: { PATH: different + folder.path } })).rejects.toMatchObject({
      message:
        "No such file or directory (os error 2): `PATH` names more than 256 folders, only those were looked into; " +
        "give the whole path of the program",
    });
  });

  test("folders and files that can not be run are passed over in PATH, and the reason is theirs when nothing else is there", async () => {
    await using folder = await tempDir();
    for (const name of ["folder", "file", "program"]) mkdirSync(join(folder.path, name));
    mkdirSync(join(folder.path, "folder/tool"));
    writeFileSync(join(folder.path, "file/tool"), "");
    writeFileSync(join(folder.path, "program/tool"), "#!/bin/sh\necho found\n", { mode: 0o755 });
    await using line = await Line.ready();
    const cwd = `file://${folder.path}`;
    expect(await line.run("p", ["tool"], { cwd, env: { PATH: "folder:file:program" } })).toBe("found\n");
    await expect(line.start("q", ["tool"], { cwd, env: { PATH: "folder:file:none" } })).rejects.toMatchObject({
      message: "Permission denied (os error 13)",
    });
  });

  test.each([
    ["a word", { argv: ["true", "x".repeat(131_072)] }],
    ["a variable", { env: { PATH: "/".repeat(131_072) } }],
    ["a variable that a policy sets", { envPolicy: { ...NOTHING_LEFT, set: { A: "x".repeat(131_072) } } }],
    ["a terminal's variable", { tty: true, env: { A: "x".repeat(131_072) } }],
  ])("%s that is longer than any system takes is refused with the system's words", async (_, more) => {
    await using line = await Line.ready();
    await expect(line.start("p", ["true"], more)).rejects.toMatchObject({ code: -32603, message: TOO_LONG });
  });

  test("many variables are handed over, and one too many is refused with the bound", async () => {
    await using line = await Line.ready();
    const variables = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`V${index}`, ""]));
    const count = ["/bin/sh", "-c", "env | grep -c '^V'"];
    expect(await line.run("p", count, { env: variables(10_000) })).toBe("10000\n");
    await expect(line.start("q", count, { env: variables(16_385) })).rejects.toMatchObject({
      code: -32603,
      message: "the environment has 16385 variables, at most 16384 are possible",
    });
  });
});

describe("a name that a client chooses", () => {
  const long = "x".repeat(1_025);
  test.each([
    ["processId", "process/start", { processId: long, argv: ["true"], cwd: "file:///", env: {}, tty: false }],
    ["writeId", "process/write", { processId: "p", chunk: "", writeId: long }],
    ["requestId", "http/request", { method: "GET", url: "http://127.0.0.1:1/", requestId: long }],
  ])("has a bound: %s", async (member, method, params) => {
    await using line = await Line.ready();
    await expect(line.call(method, params)).rejects.toMatchObject({
      code: -32602,
      message: `${member} must not exceed 1024 characters, it has 1025`,
    });
  });
});

describe("a path that is longer than the system takes", () => {
  const path = `file:///nope/${"a/".repeat(5_000)}`;
  const rest = { recursive: false, followSymlinks: false, dataBase64: base64("x"), handleId: "h", options: {} };
  const WALK = { maxDepth: 1, maxDirectories: 1, maxEntries: 1, followDirectorySymlinks: false };

  test.each([
    ["fs/readFile", { path }, "path"],
    ["fs/writeFile", { path }, "path"],
    ["fs/createDirectory", { path }, "path"],
    ["fs/getMetadata", { path }, "path"],
    ["fs/canonicalize", { path }, "path"],
    ["fs/readDirectory", { path }, "path"],
    ["fs/remove", { path }, "path"],
    ["fs/open", { path }, "path"],
    ["fs/walk", { path, options: WALK }, "path"],
    ["fs/copy", { sourcePath: path, destinationPath: "file:///tmp" }, "sourcePath"],
    ["fs/copy", { sourcePath: "file:///tmp", destinationPath: path }, "destinationPath"],
    ["fs/watchMissing", { watchId: 1, missing: [path] }, "missing"],
    ["process/start", { processId: "p", argv: ["true"], cwd: path, env: {}, tty: false }, "cwd"],
  ])("%s names the member", async (method, params, member) => {
    await using line = await Line.ready();
    await expect(line.call(method, { ...rest, ...params })).rejects.toMatchObject({
      code: -32603,
      message: `Filename too long (os error 36): \`${member}\` has 10005 bytes, at most 4095 are possible`,
    });
  });

  test("a URI that is longer than any path is refused before it is read", async () => {
    await using line = await Line.ready();
    await expect(line.call("fs/getMetadata", { path: `file:///${"a/".repeat(500_000)}` })).rejects.toMatchObject({
      code: -32602,
      message: "the path has 1000008 characters, at most 32768 are possible at `path`",
    });
  });
});
