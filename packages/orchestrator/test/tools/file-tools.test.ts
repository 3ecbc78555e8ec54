import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileTools, type ToolPlaces } from "../../src/index.ts";
import { IMAGE_MAX_BYTES, READ_AT_ONCE_MAX_BYTES, TEXT_MAX_BYTES } from "../../src/tools/files/limits.ts";
import { callTool, toolPlace } from "../support/tool-place.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

describe("read_file", () => {
  test("gives a text as it is, byte order mark and line ends included", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    await writeFile(at.folder.join("a.txt"), "\ufeffone\r\ntwo\n");
    expect(await callTool(tools, "read_file", { path: "a.txt" })).toEqual({
      isError: false,
      texts: ["\ufeffone\r\ntwo\n"],
    });
    expect(await callTool(tools, "read_file", { path: at.folder.join("a.txt") })).toMatchObject({ isError: false });
  });

  test("gives lines from an offset on, and says by which offset to read on", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    await writeFile(at.folder.join("a.txt"), "1\n2\n3\n4\n");
    expect(await callTool(tools, "read_file", { path: "a.txt", offset: 2, limit: 2 })).toEqual({
      isError: false,
      texts: ["2\n3\n", "[lines 2 to 3; more follows: read on with offset 4]"],
    });
    expect(await callTool(tools, "read_file", { path: "a.txt", offset: 4, limit: 2 })).toMatchObject({
      texts: ["4\n"],
    });
    expect(await callTool(tools, "read_file", { path: "a.txt", offset: 9 })).toMatchObject({
      texts: ["[the file has 4 lines, none from 9 on]"],
    });
    await writeFile(at.folder.join("empty"), "");
    expect(await callTool(tools, "read_file", { path: "empty" })).toMatchObject({ texts: ["[the file is empty]"] });
  });

  test("reads a large file no further than it must, and one long line in part", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    const line = `${"x".repeat(99)}\n`;
    await writeFile(at.folder.join("large"), line.repeat((2 * READ_AT_ONCE_MAX_BYTES) / line.length));
    const { texts } = await callTool(tools, "read_file", { path: "large", offset: 20_001 });
    expect(texts).toEqual([
      line.repeat(TEXT_MAX_BYTES / line.length),
      "[lines 20001 to 20640; more follows: read on with offset 20641]",
    ]);
    await writeFile(at.folder.join("long"), `${"y".repeat(TEXT_MAX_BYTES + 1)}\nz\n`);
    expect(await callTool(tools, "read_file", { path: "long" })).toMatchObject({
      texts: [
        "y".repeat(TEXT_MAX_BYTES),
        `[the first ${TEXT_MAX_BYTES} bytes of line 1, which is longer; the line after it is offset 2]`,
      ],
    });
    expect(await callTool(tools, "read_file", { path: "long", offset: 2 })).toMatchObject({ texts: ["z\n"] });
  });

  test("shows an image, and tells what is no text", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    await writeFile(at.folder.join("a.png"), PNG);
    expect(await callTool(tools, "read_file", { path: "a.png" })).toEqual({ isError: false, texts: ["image/png"] });
    await writeFile(at.folder.join("b.png"), Buffer.concat([PNG, Buffer.alloc(IMAGE_MAX_BYTES)]));
    expect(await callTool(tools, "read_file", { path: "b.png" })).toEqual({
      isError: true,
      texts: [
        `${at.folder.join("b.png")} is an image of ${IMAGE_MAX_BYTES + 16} bytes; at most ${IMAGE_MAX_BYTES} are shown`,
      ],
    });
    await writeFile(at.folder.join("c"), Buffer.from([1, 0, 2]));
    expect(await callTool(tools, "read_file", { path: "c" })).toEqual({
      isError: true,
      texts: [`${at.folder.join("c")} is no text: a binary file of 3 bytes; exec_command can look into it`],
    });
    await writeFile(at.folder.join("latin1"), Buffer.from([0x61, 0xe4, 0x0a]));
    expect(await callTool(tools, "read_file", { path: "latin1" })).toMatchObject({
      texts: ["a\u{fffd}\n", "[bytes that are no UTF-8 are shown as \u{fffd}]"],
    });
  });

  test("says what may help where there is no such file, or a folder", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    expect(await callTool(tools, "read_file", { path: "none" })).toEqual({
      isError: true,
      texts: [expect.stringMatching(/^ENOENT: no such file or directory.*\/none'; list_files shows what is there$/)],
    });
    expect(await callTool(tools, "read_file", { path: "." })).toEqual({
      isError: true,
      texts: [`${at.folder.path} is a folder; list_files shows what is in it`],
    });
  });
});

describe("write_file", () => {
  test("makes a file with the folders above it, and replaces one", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    expect(await callTool(tools, "write_file", { path: "a/b/c.txt", content: "one\ntwo" })).toEqual({
      isError: false,
      texts: [`wrote ${at.folder.join("a/b/c.txt")}: 2 lines, 7 bytes`],
    });
    await callTool(tools, "write_file", { path: "a/b/c.txt", content: "" });
    expect(await readFile(at.folder.join("a/b/c.txt"), "utf8")).toBe("");
  });

  test("says what stands in the way", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    await writeFile(at.folder.join("file"), "x");
    const { isError, texts } = await callTool(tools, "write_file", { path: "file/below", content: "x" });
    expect(isError).toBe(true);
    expect(texts[0]).toMatch(/^(EEXIST|ENOTDIR)/);
  });
});

describe("edit_file", () => {
  test("replaces the one place, and keeps mode and all else of the file", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    const file = at.folder.join("run.sh");
    await writeFile(file, "#!/bin/sh\necho $1 $$\necho end\n");
    await chmod(file, 0o755);
    expect(await callTool(tools, "edit_file", { path: "run.sh", old_text: "$1", new_text: "$& $1" })).toEqual({
      isError: false,
      texts: [`replaced in ${file}, at line 2`],
    });
    expect(await readFile(file, "utf8")).toBe("#!/bin/sh\necho $& $1 $$\necho end\n");
    expect((await stat(file)).mode & 0o777).toBe(0o755);
  });

  test("takes a text with newlines for one with the line ends of the file", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    const file = at.folder.join("dos.txt");
    await writeFile(file, "a\r\nb\r\nc\r\n");
    await callTool(tools, "edit_file", { path: "dos.txt", old_text: "a\nb\n", new_text: "A\nB\nB2\n" });
    expect(await readFile(file, "utf8")).toBe("A\r\nB\r\nB2\r\nc\r\n");
  });

  test("replaces every occurrence when told to, and none where it is not told which", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    const file = at.folder.join("a.txt");
    await writeFile(file, "x\nx\ny\nx\n");
    expect(await callTool(tools, "edit_file", { path: "a.txt", old_text: "x", new_text: "z" })).toEqual({
      isError: true,
      texts: [
        `old_text is in ${file} 3 times, at lines 1, 2, 4: take more lines around the one that is meant, or set replace_all`,
      ],
    });
    expect(await readFile(file, "utf8")).toBe("x\nx\ny\nx\n");
    const all = { path: "a.txt", old_text: "x", new_text: "z", replace_all: true };
    expect(await callTool(tools, "edit_file", all)).toEqual({
      isError: false,
      texts: [`replaced in ${file}, 3 times`],
    });
    expect(await readFile(file, "utf8")).toBe("z\nz\ny\nz\n");
  });

  test("tells a text that is nowhere from one with other blanks", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    const file = at.folder.join("a.ts");
    await writeFile(file, "if (x) {\n\treturn f(a);\n}\n");
    expect(
      await callTool(tools, "edit_file", { path: "a.ts", old_text: "if (x) {\n  return f(a);", new_text: "" }),
    ).toEqual({
      isError: true,
      texts: [
        `old_text is not in ${file} as it is written; with other blanks or line ends it is at line 1: copy it from read_file`,
      ],
    });
    expect(await callTool(tools, "edit_file", { path: "a.ts", old_text: "return g(a);", new_text: "" })).toEqual({
      isError: true,
      texts: [`old_text is not in ${file}: read the file again, it may have changed`],
    });
    expect(await callTool(tools, "edit_file", { path: "a.ts", old_text: "", new_text: "x" })).toMatchObject({
      isError: true,
    });
    expect(await callTool(tools, "edit_file", { path: "a.ts", old_text: "x", new_text: "x" })).toMatchObject({
      isError: true,
    });
  });

  test("leaves alone what it could not write back as it was", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    const file = at.folder.join("latin1");
    await writeFile(file, Buffer.from([0x61, 0xe4, 0x0a]));
    expect(await callTool(tools, "edit_file", { path: "latin1", old_text: "a", new_text: "b" })).toEqual({
      isError: true,
      texts: [`${file} is no text in UTF-8; use exec_command to change it`],
    });
    expect(await readFile(file)).toEqual(Buffer.from([0x61, 0xe4, 0x0a]));
  });
});

describe("list_files", () => {
  test("lists a folder, deeper when told to, and finds by patterns", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    await mkdir(at.folder.join("src/.hidden"), { recursive: true });
    await mkdir(at.folder.join("node_modules/left-pad"), { recursive: true });
    await mkdir(at.folder.join(".git"));
    await writeFile(at.folder.join("src/a.ts"), "");
    await writeFile(at.folder.join("src/.hidden/b.ts"), "");
    await writeFile(at.folder.join("node_modules/left-pad/index.ts"), "");
    await writeFile(at.folder.join(".git/config"), "");
    await symlink("src/a.ts", at.folder.join("link"));
    const list = async (args: object) => (await callTool(tools, "list_files", args)).texts;
    expect(await list({})).toEqual([".git/\nlink@\nnode_modules/\nsrc/\n"]);
    expect(await list({ depth: 3 })).toEqual([
      ".git/\nlink@\nnode_modules/\nsrc/\nsrc/.hidden/\nsrc/.hidden/b.ts\nsrc/a.ts\n",
    ]);
    expect(await list({ path: "node_modules", depth: 2 })).toEqual(["left-pad/\nleft-pad/index.ts\n"]);
    expect(await list({ path: ".git" })).toEqual(["config\n"]);
    expect(await list({ pattern: "**/*.ts" })).toEqual(["src/.hidden/b.ts\nsrc/a.ts\n"]);
    expect(await list({ pattern: "**/*.rs" })).toEqual(["[nothing matches **/*.rs]"]);
    expect(await list({ limit: 2 })).toEqual([
      ".git/\nlink@\n",
      "[there is more: narrow it by path or pattern, or raise limit]",
    ]);
    expect(await list({ path: "src/a.ts" })).toEqual([
      `${at.folder.join("src/a.ts")} is a file, no folder; read_file reads it`,
    ]);
    await mkdir(at.folder.join("empty"));
    expect(await list({ path: "empty" })).toEqual(["[the folder is empty]"]);
  });
});

describe("search_files", () => {
  test("finds lines by an expression or a text, below a folder or in one file", async () => {
    await using at = await toolPlace();
    const tools = fileTools(at.places);
    await mkdir(at.folder.join("src"));
    await mkdir(at.folder.join("node_modules"));
    await writeFile(at.folder.join("src/a.ts"), "const x = f(1);\nconst y = g(x);\n");
    await writeFile(at.folder.join("src/[b]*.ts"), "X = f(1)\n");
    await writeFile(at.folder.join("node_modules/c.ts"), "const x = 1;\n");
    const search = async (args: object) => (await callTool(tools, "search_files", args)).texts;
    expect(await search({ pattern: "const \\w = f" })).toEqual(["src/a.ts:1:const x = f(1);\n"]);
    expect(await search({ pattern: "f(1)", literal: true })).toEqual([
      "src/[b]*.ts:1:X = f(1)\nsrc/a.ts:1:const x = f(1);\n",
    ]);
    expect(await search({ pattern: "x = f", ignore_case: true })).toEqual([
      "src/[b]*.ts:1:X = f(1)\nsrc/a.ts:1:const x = f(1);\n",
    ]);
    expect(await search({ pattern: "(?i)^x\\b" })).toEqual(["src/[b]*.ts:1:X = f(1)\n"]);
    expect(await search({ pattern: "f", path: "src/[b]*.ts" })).toEqual(["[b]*.ts:1:X = f(1)\n"]);
    expect(await search({ pattern: "const", path: "node_modules" })).toEqual(["c.ts:1:const x = 1;\n"]);
    expect(await search({ pattern: "const", glob: "**/*.rs" })).toEqual(["[nothing found]"]);
    expect(await search({ pattern: "=", limit: 1 })).toEqual([
      "src/[b]*.ts:1:X = f(1)\n",
      "[there is more: narrow it by path, glob or pattern, or raise limit]",
    ]);
    const [refusal] = await search({ pattern: "f(" });
    expect(refusal).toMatch(/^pattern is no regular expression: .*; with literal it is taken as plain text$/);
  });
});

describe("every tool", () => {
  test("names the environment where there are several, and nothing of it where there is one", async () => {
    await using at = await toolPlace();
    const asked: (string | undefined)[] = [];
    const several: ToolPlaces = {
      ids: ["here", "there"],
      at: (id) => {
        asked.push(id);
        return at.places.at(id);
      },
    };
    for (const tool of fileTools(at.places)) expect(tool.inputSchema.properties).not.toHaveProperty("environment_id");
    for (const tool of fileTools(several)) {
      expect(tool.inputSchema.properties).toHaveProperty("environment_id.enum", ["here", "there"]);
    }
    await callTool(fileTools(several), "list_files", { environment_id: "there" });
    await callTool(fileTools(several), "list_files", {});
    expect(asked).toEqual(["there", undefined]);
    expect(await callTool(fileTools(several), "list_files", { environment_id: "nowhere" })).toMatchObject({
      isError: true,
      texts: ['environment_id must be one of here, there, not "nowhere"'],
    });
  });

  test("is given up by its signal, with the reason of that", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const places: ToolPlaces = {
      ids: ["here"],
      at: async (_id, signal) => {
        controller.abort(reason);
        throw signal?.reason;
      },
    };
    for (const tool of fileTools(places)) {
      const args = { path: "x", pattern: "x", content: "x", old_text: "x", new_text: "y" };
      const taken = Object.fromEntries(
        Object.entries(args).filter(([name]) => Object.hasOwn(tool.inputSchema.properties ?? {}, name)),
      );
      await expect(tool.call(taken, { signal: controller.signal })).rejects.toBe(reason);
    }
  });

  test("answers whatever a model sends", async () => {
    await using at = await toolPlace();
    await writeFile(at.folder.join("a"), "a\n");
    const names = ["path", "content", "pattern", "old_text", "new_text", "offset", "limit", "glob", "literal", "depth"];
    const value = fc.oneof(fc.constantFrom("a", ".", "", "**", "(", "\0", "~", "a/b"), fc.string(), fc.jsonValue());
    // Never out of the folder, whatever the path is.
    const isInside = (args: Readonly<Record<string, unknown>>): boolean => !/^[/~]|\.\./.test(String(args.path ?? ""));
    const args = fc.dictionary(fc.constantFrom(...names), value).filter(isInside);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...fileTools(at.places)),
        fc.oneof(args, fc.jsonValue()),
        async (tool, given) => {
          const { content } = await tool.call(given);
          expect(content.every(({ type }) => type === "text")).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("is confined, also when it only reads", async () => {
    await using at = await toolPlace({ write: ["."], deny: ["**/secret*"] });
    const tools = fileTools(at.places);
    await writeFile(at.folder.join("secret.txt"), "s3cret\n");
    await writeFile(at.folder.join("open.txt"), "no s3cret\n");
    expect(await callTool(tools, "read_file", { path: "secret.txt" })).toMatchObject({ isError: true });
    expect((await callTool(tools, "search_files", { pattern: "s3cret" })).texts[0]).toBe("open.txt:1:no s3cret\n");
    expect(await callTool(tools, "write_file", { path: "made.txt", content: "x" })).toMatchObject({ isError: false });
    const outside = await callTool(tools, "write_file", { path: "../outside.txt", content: "x" });
    expect(outside).toEqual({
      isError: true,
      texts: [expect.stringMatching(/; in the sandbox, little may be written$/)],
    });
  });
});
