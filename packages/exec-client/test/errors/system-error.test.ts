import { describe, expect, test } from "vitest";
import { inSentence, systemErrorIn } from "../../src/errors/system-error.ts";

describe("the system's error in the words of a refusal", () => {
  test.each([
    ["No such file or directory (os error 2)", "linux", "ENOENT", "No such file or directory"],
    ["Directory not empty (os error 39)", "linux", "ENOTEMPTY", "Directory not empty"],
    ["Directory not empty (os error 66)", "macos", "ENOTEMPTY", "Directory not empty"],
    ["Access is denied. (os error 5)", "windows", "EACCES", "Access is denied."],
    [
      "cannot put the file in place: Is a directory (os error 21)",
      undefined,
      "EISDIR",
      "cannot put the file in place: Is a directory",
    ],
    [
      "mv: cannot move 'a': No space left on device",
      undefined,
      "ENOSPC",
      "mv: cannot move 'a': No space left on device",
    ],
  ])("%s on %s is %s", (text, platformOs, code, words) => {
    expect(systemErrorIn(text, platformOs)).toEqual({ code, words });
  });

  test.each([
    ["path is a directory", "linux"],
    ["what is this (os error 4000)", "linux"],
    ["message too long (os error 40)", "macos"],
  ])("%s on %s is none", (text, platformOs) => {
    expect(systemErrorIn(text, platformOs)).toBeUndefined();
  });

  test("stands in a sentence with a small letter, but for abbreviations", () => {
    expect(["No such file", "I/O error", "fs/copy needs"].map(inSentence)).toEqual([
      "no such file",
      "I/O error",
      "fs/copy needs",
    ]);
  });
});
