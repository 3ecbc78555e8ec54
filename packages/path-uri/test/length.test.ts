import { describe, expect, test } from "vitest";
import { PATH_URI_MAX_CHARACTERS, parsePathUri, pathUriFromNative } from "../src/index.ts";

const most = PATH_URI_MAX_CHARACTERS;
const filled = (start: string, unit: string) => start + unit.repeat(Math.floor((most - start.length) / unit.length));

describe("the length of a path URI", () => {
  test.each([
    ["names of one letter", filled("file:///", "a/")],
    ["one name", filled("file:///", "a")],
    ["escapes", filled("file:///", "%41")],
    ["dot segments", filled("file:///", "a/../")],
    ["what is not ASCII", filled("file:///", "\u00e9")],
    ["spaces inside", `${filled("file:///x", " ").slice(0, -1)}y`],
  ])("the longest is read: %s", (_, text) => {
    expect(parsePathUri(text)).toMatch(/^file:\/\/\//);
  });

  test("one character more is refused before it is looked at", () => {
    const reason = { code: "length", message: `the path has ${most + 1} characters, at most ${most} are possible` };
    expect(() => parsePathUri("x".repeat(most + 1))).toThrow(expect.objectContaining(reason));
    expect(() => pathUriFromNative(`/${"a/".repeat(most)}`, "posix")).toThrow(
      expect.objectContaining({ code: "length" }),
    );
  });
});
