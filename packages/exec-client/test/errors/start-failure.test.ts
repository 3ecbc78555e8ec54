import { isCommandNotFound, isNotFound, isStartError } from "@holdfast/exec-client";
import { describe, expect, test } from "vitest";
import { connected } from "../support/connected.ts";
import { type Handler, Refusal } from "../support/fake-exec-server.ts";

/** What the fake executor has: kinds by their URI. */
type Files = Readonly<Record<string, "folder" | "file">>;

function refusing(message: string, { data, files = {} }: { data?: unknown; files?: Files } = {}) {
  const start: Handler = () => {
    throw new Refusal(-32603, message, data);
  };
  const metadata: Handler = (params) => {
    const { path } = params as unknown as { readonly path: string };
    const kind = files[path];
    if (kind === undefined) throw new Refusal(-32004, "No such file or directory (os error 2)");
    const isDirectory = kind === "folder";
    return { isDirectory, isFile: !isDirectory, isSymlink: false, size: 0, createdAtMs: 0, modifiedAtMs: 0 };
  };
  return connected({ "process/start": start, "fs/getMetadata": metadata });
}

const NOT_THERE = "No such file or directory (os error 2)";
const REPO: Files = { "file:///repo": "folder", "file:///repo/script": "file" };

describe("a start that an executor refuses without data", () => {
  const cases = [
    ["a missing program", "tool", NOT_THERE, REPO, { code: "ENOENT", reason: "program", name: "CommandNotFoundError" }],
    ["a missing folder", "tool", NOT_THERE, {}, { code: "ENOENT", reason: "cwd", name: "StartError" }],
    [
      "a file as the folder",
      "tool",
      "Not a directory (os error 20)",
      { "file:///repo": "file" },
      { code: "ENOTDIR", reason: "cwd" },
    ],
    [
      "a missing interpreter",
      "./script",
      NOT_THERE,
      REPO,
      { code: "ENOENT", reason: "interpreter", name: "StartError" },
    ],
    [
      "a program that may not be run",
      "./script",
      "Permission denied (os error 13)",
      REPO,
      { code: "EACCES", reason: "program" },
    ],
    [
      "a file that is no program",
      "./script",
      "Exec format error (os error 8)",
      REPO,
      { code: "ENOEXEC", reason: "program" },
    ],
    ["too many arguments", "tool", "Argument list too long (os error 7)", REPO, { code: "E2BIG", reason: "system" }],
    [
      "a program that a terminal does not find",
      "tool",
      "Unable to spawn tool because it doesn't exist on the filesystem (ENOENT: No such file or directory)",
      REPO,
      { code: "ENOENT", reason: "program" },
    ],
    [
      "a sandbox",
      "tool",
      "sandbox intent cannot be enforced on this executor",
      REPO,
      { code: "refused", reason: "sandbox" },
    ],
    ["the request", "tool", "process p already exists", REPO, { code: "refused", reason: "request" }],
  ] as const;

  test.each(cases)("because of %s, says so", async (_, program, message, files, expected) => {
    await using line = await refusing(message, { files });
    const error = await line.executor.run([program], { cwd: "/repo" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ ...expected, argv: [program], cwd: "/repo", cause: { code: -32603, message } });
    expect(isStartError(error)).toBe(true);
  });

  test("is told in one line that names the program and what to do", async () => {
    await using line = await refusing(NOT_THERE, { files: REPO });
    const error = await line.executor.run(["tool", "x"], { cwd: "/repo" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: "ENOENT: cannot start tool: there is no such command; check its name and the PATH of its environment",
    });
    expect([isCommandNotFound(error), isNotFound(error)]).toEqual([true, true]);
  });

  test("is not looked into further when the executor can not be asked", async () => {
    await using line = await connected({
      "process/start": () => {
        throw new Refusal(-32603, NOT_THERE);
      },
      "fs/getMetadata": () => {
        throw new Refusal(-32601, "unknown method");
      },
    });
    const error = await line.executor.run(["tool"], { cwd: "/repo" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "ENOENT",
      reason: "system",
      message: "ENOENT: cannot start tool: no such file or directory",
    });
  });
});

describe("a start that an executor refuses with data", () => {
  test.each([
    [
      { kind: "spawnNotFound", member: "cwd" },
      { code: "ENOENT", reason: "cwd" },
    ],
    [
      { kind: "spawnNotFound", member: "argv" },
      { code: "ENOENT", reason: "program" },
    ],
    [
      { kind: "spawnPermissionDenied", member: "argv" },
      { code: "EACCES", reason: "program" },
    ],
    [{ kind: "sandboxUnavailable" }, { code: "refused", reason: "sandbox" }],
    [{ kind: "sandboxPreparation" }, { code: "refused", reason: "sandbox" }],
    [
      { kind: "spawnNotFound", member: "argv", holdfast: { code: "ENOENT", reason: "interpreter", syscall: "execve" } },
      { code: "ENOENT", reason: "interpreter", syscall: "execve" },
    ],
  ])("%j is taken at its word, and nothing is asked", async (data, expected) => {
    await using line = await refusing("it did not work", { data });
    const error = await line.executor.run(["tool"], { cwd: "/repo" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(expected);
    expect(line.server.of("fs/getMetadata")).toEqual([]);
  });
});
