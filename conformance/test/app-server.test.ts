import { describe, expect, test } from "vitest";
import { type ExpectedFinding, expectedFinding, staleFindings } from "../src/app-server/expected-findings.ts";
import { type Finding, judgeFrames } from "../src/app-server/judge-frames.ts";
import { differences, readReport, reportText } from "../src/app-server/method-report.ts";
import { parseAppServerOptions } from "../src/app-server/options.ts";
import type { RecordedFrame } from "../src/app-server/recording-port.ts";
import { UsageError } from "../src/options.ts";

function frames(...messages: readonly (readonly [RecordedFrame["from"], object])[]): readonly RecordedFrame[] {
  return messages.map(([from, message]) => ({ from, text: JSON.stringify(message) }));
}

describe("the judge of recorded messages", () => {
  test("finds nothing in what is right, in both directions", () => {
    const { messages, findings } = judgeFrames(
      frames(
        ["client", { id: 1, method: "fs/readFile", params: { path: "/a" } }],
        [
          "server",
          {
            id: 1,
            method: "item/fileChange/requestApproval",
            params: { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 },
          },
        ],
        ["client", { id: 1, result: { decision: "accept" } }],
        ["server", { id: 1, result: { dataBase64: "" } }],
        ["client", { method: "initialized" }],
        ["server", { method: "skills/changed", params: {}, emittedAtMs: 1 }],
        ["client", { id: "x", method: "fs/unwatch", params: { watchId: "w" } }],
        ["server", { id: "x", error: { code: -32600, message: "no" } }],
      ),
    );
    expect({ messages, findings }).toEqual({ messages: 8, findings: [] });
  });

  test.each([
    [
      "params",
      { from: "client", method: "fs/readFile", part: "params", reason: "missing field `path`" },
      [["client", { id: 1, method: "fs/readFile", params: {} }]],
    ],
    [
      "a result, by what was asked",
      { from: "server", method: "fs/readFile", part: "result" },
      [
        ["client", { id: 1, method: "fs/readFile", params: { path: "/a" } }],
        ["server", { id: 1, result: { dataBase64: 7 } }],
      ],
    ],
    [
      "an answer of ours",
      { from: "client", method: "item/fileChange/requestApproval", part: "result" },
      [
        [
          "server",
          {
            id: 1,
            method: "item/fileChange/requestApproval",
            params: { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 },
          },
        ],
        ["client", { id: 1, result: { decision: "perhaps" } }],
      ],
    ],
    [
      "an answer to the id of the other kind",
      { from: "server", part: "message", reason: "answers nothing that was asked" },
      [
        ["client", { id: 1, method: "fs/readFile", params: { path: "/a" } }],
        ["server", { id: "1", result: { dataBase64: "" } }],
      ],
    ],
    [
      "a method that is not known",
      { method: "fs/rename", part: "message", reason: "no such request of the client" },
      [["client", { id: 1, method: "fs/rename", params: {} }]],
    ],
    [
      "a method of the other side",
      { method: "turn/completed", part: "message", reason: "no such notice of the client" },
      [["client", { method: "turn/completed", params: {} }]],
    ],
    [
      "an error without a code",
      { part: "message", reason: "an error needs a code and a message" },
      [
        ["client", { id: 1, method: "fs/readFile", params: { path: "/a" } }],
        ["server", { id: 1, error: { message: "no" } }],
      ],
    ],
  ] as const)("finds %s", (_, expected, messages) => {
    expect(judgeFrames(frames(...messages)).findings).toMatchObject([expected]);
  });
});

describe("exceptions", () => {
  const finding: Finding = {
    from: "server",
    method: "a/b",
    part: "result",
    reason: "missing field `c` at `d`",
    text: "",
  };
  const entry: ExpectedFinding = {
    releases: ["1.0.0"],
    method: "a/b",
    part: "result",
    reason: "missing field `c`",
    why: "",
  };

  test("cover what they name, on their releases alone", () => {
    expect(expectedFinding("1.0.0", finding, [entry])).toBe(entry);
    expect(expectedFinding("2.0.0", finding, [entry])).toBeUndefined();
    expect(expectedFinding("1.0.0", { ...finding, method: "a" }, [entry])).toBeUndefined();
    expect(expectedFinding("1.0.0", { ...finding, part: "params" }, [entry])).toBeUndefined();
    expect(expectedFinding("1.0.0", { ...finding, reason: "invalid" }, [entry])).toBeUndefined();
  });

  test("that are not needed any more are stale", () => {
    expect(staleFindings("1.0.0", [], [entry])).toEqual([entry]);
    expect(staleFindings("1.0.0", [finding], [entry])).toEqual([]);
    expect(staleFindings("2.0.0", [], [entry])).toEqual([]);
  });
});

describe("the report of all methods", () => {
  const outcomes = new Map([
    ["b", "ok"],
    ["a", "-32600 a | b, `x`"],
  ]);

  test("is read as it was written, in the order of names", () => {
    const text = reportText(new Map([["1.0.0", outcomes]]));
    expect(text).toContain("| `a` | -32600 a \\| b, `x` |\n| `b` | ok |");
    const back = readReport(text);
    expect([...back.keys()]).toEqual(["1.0.0"]);
    expect(differences("1.0.0", outcomes, back)).toEqual([]);
  });

  test("says where a release does something else", () => {
    const now = new Map([
      ["b", "not known"],
      ["c", "ok"],
    ]);
    expect(differences("1.0.0", now, new Map([["1.0.0", outcomes]]))).toEqual([
      "1.0.0 b: not known; the report says ok",
      "1.0.0 c: ok; the report says nothing",
      "1.0.0 a: gone; the report says -32600 a | b, `x`",
    ]);
  });
});

describe("options", () => {
  test("choose all releases, the oldest and the newest, each with our own server, or one", () => {
    expect(parseAppServerOptions([]).releases).toEqual(["0.144.6", "0.169.0", "0.171.0", "holdfast"]);
    expect(parseAppServerOptions(["--short"]).releases).toEqual(["0.144.6", "0.171.0", "holdfast"]);
    expect(parseAppServerOptions(["--release", "0.169.0"])).toMatchObject({ releases: ["0.169.0"], write: false });
  });

  test.each([[["--short", "--release", "0.169.0"]], [["--what"]], [["--write", "--scenario", "turn"]]])(
    "refuse %j",
    (argv) => {
      expect(() => parseAppServerOptions(argv)).toThrow(UsageError);
    },
  );
});
