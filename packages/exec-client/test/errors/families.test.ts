import {
  CommandFailedError,
  CommandNotFoundError,
  FileError,
  isCommandFailed,
  isCommandNotFound,
  isFileError,
  isNotFound,
  isStartError,
  isUnsupported,
  type RunResult,
  StartError,
  UnsupportedError,
} from "@holdfast/exec-client";
import { describe, expect, test } from "vitest";

function resultOf(members: Partial<RunResult> = {}): RunResult {
  return {
    exitCode: 1,
    signal: undefined,
    sandboxDenied: false,
    durationMs: 5,
    stdout: "",
    stderr: "",
    output: "",
    truncated: false,
    omittedBytes: { stdout: 0, stderr: 0 },
    ...members,
  };
}

describe("guards", () => {
  const start = new StartError("no", { code: "E2BIG", reason: "system", argv: ["x"], cwd: "/" });
  const missing = new CommandNotFoundError("no", { code: "ENOENT", reason: "program", argv: ["x"], cwd: "/" });
  const file = new FileError("no", { code: "ENOENT", method: "fs.stat", path: "/x" });
  const failed = new CommandFailedError(["false"], resultOf());
  const unsupported = new UnsupportedError("fs.watch", "the capability holdfastFiles");

  test("each knows its family and no other", () => {
    const all = [start, missing, file, failed, unsupported];
    expect(all.map(isStartError)).toEqual([true, true, false, false, false]);
    expect(all.map(isCommandNotFound)).toEqual([false, true, false, false, false]);
    expect(all.map(isFileError)).toEqual([false, false, true, false, false]);
    expect(all.map(isCommandFailed)).toEqual([false, false, false, true, false]);
    expect(all.map(isUnsupported)).toEqual([false, false, false, false, true]);
    expect(all.map(isNotFound)).toEqual([false, true, true, false, false]);
  });

  test("an error of another copy of the package counts", () => {
    const other = Object.assign(new Error("no"), { [Symbol.for("holdfast.FileError")]: true, code: "ENOENT" });
    expect(isFileError(other)).toBe(true);
    expect(isNotFound(other)).toBe(true);
  });

  test("anything else does not", () => {
    for (const value of [undefined, null, "FileError", {}, new Error("ENOENT")]) {
      expect([isStartError, isFileError, isCommandFailed, isUnsupported, isNotFound].some((is) => is(value))).toBe(
        false,
      );
    }
  });
});

describe("the message of a failed command", () => {
  test("has the command, how it ended, and the end of its standard error", () => {
    const result = resultOf({ exitCode: 128, stderr: "fatal: not a git repository\n" });
    const error = new CommandFailedError(["git", "commit", "-m", "two words"], result);
    expect(error.message).toBe(
      'command failed with exit code 128: git commit -m "two words"\nfatal: not a git repository',
    );
    expect(error).toMatchObject({ exitCode: 128, argv: ["git", "commit", "-m", "two words"], result });
  });

  test("names the signal, and takes standard output where standard error is empty", () => {
    const error = new CommandFailedError(["make"], resultOf({ exitCode: 137, signal: "SIGKILL", stdout: "so far\n" }));
    expect(error.message).toBe("command failed with SIGKILL (exit code 137): make\nso far");
  });

  test("is bounded, and nothing in it acts on a terminal", () => {
    const stderr = `${"x".repeat(100_000)}\u001b[31mred\u001b[0m\u0007 end`;
    const error = new CommandFailedError(["sh", "-c", "y".repeat(100_000)], resultOf({ stderr }));
    expect(error.message.length).toBeLessThan(2_500);
    expect(error.message.endsWith("xxred end")).toBe(true);
  });

  test("reads bytes as UTF-8", () => {
    const bytes = new TextEncoder().encode("größer\n");
    const result = { ...resultOf(), stdout: bytes, stderr: bytes, output: bytes };
    expect(new CommandFailedError(["x"], result).message).toBe("command failed with exit code 1: x\ngrößer");
  });
});
