import { execFileSync } from "node:child_process";
import { parsePathUri } from "@holdfast/path-uri";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandActions } from "../../src/agent/tools/command-actions.ts";
import { commandLine, simpleCommands } from "../../src/agent/tools/command-line.ts";

const AT = parsePathUri("file:///w");

describe("a command line", () => {
  test("is read by a shell as the words that it was made of", () => {
    const word = fc.string({ unit: "grapheme-ascii", maxLength: 12 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const line = `printf '%s\\0' ${commandLine(words)}`;
        const read = execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" });
        expect(read.split("\0").slice(0, -1)).toEqual(words);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the simple commands of a script", () => {
  test("are those between what joins them", () => {
    expect(simpleCommands("cd 'a b' && ls -l | head -3; cat \"x y\"z")).toEqual([
      { words: ["cd", "a b"], joint: undefined },
      { words: ["ls", "-l"], joint: "&&" },
      { words: ["head", "-3"], joint: "|" },
      { words: ["cat", "x yz"], joint: ";" },
    ]);
  });

  test.for([
    "",
    "  ",
    "a > b",
    "a $(b)",
    "a `b`",
    "a $b",
    "a &",
    "a && ",
    "| a",
    "(a)",
    "a *.c",
    "~/a b",
    "! a",
    "a \\\n b",
    "'a",
    "a #b",
    "for i in x; do y; done > z",
    "a {b,c}",
    "cat <<EOF",
  ])("are not told where a shell would do more: %j", (script) => expect(simpleCommands(script)).toBeUndefined());
});

describe("what a command does", () => {
  test.for([
    ["cat a.txt", [{ type: "read", command: "cat a.txt", name: "a.txt", path: "/w/a.txt" }]],
    ["sed -n 1,20p src/a.ts", [{ type: "read", command: "sed -n 1,20p src/a.ts", name: "a.ts", path: "/w/src/a.ts" }]],
    [
      "head -n 5 /etc/passwd",
      [{ type: "read", command: "head -n 5 /etc/passwd", name: "passwd", path: "/etc/passwd" }],
    ],
    ["ls", [{ type: "listFiles", command: "ls", path: null }]],
    ["cd sub && ls -la x | head -3", [{ type: "listFiles", command: "ls -la x", path: "x" }]],
    ["cd sub && cat y", [{ type: "read", command: "cat y", name: "y", path: "/w/sub/y" }]],
    ["rg -n 'a b' src", [{ type: "search", command: "rg -n 'a b' src", query: "a b", path: "src" }]],
    ["rg --files", [{ type: "listFiles", command: "rg --files", path: null }]],
    ["grep -rn x .", [{ type: "search", command: "grep -rn x .", query: "x", path: "." }]],
    ["find . -name '*.ts'", [{ type: "search", command: "find . -name '*.ts'", query: "*.ts", path: "." }]],
    ["git grep x", [{ type: "search", command: "git grep x", query: "x", path: null }]],
    ["cat a b", undefined],
    ["cat", undefined],
    ["sed -i s/a/b/ x", undefined],
    ["find . -delete", undefined],
    ["cat a; rm a", undefined],
    ["cat a > b", undefined],
    ["cd x", undefined],
    ["echo hi", undefined],
  ] as const)("is told of %j", ([script, actions]) => {
    expect(commandActions(script, AT)).toEqual(actions ?? [{ type: "unknown", command: script }]);
  });
});
