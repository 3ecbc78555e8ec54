import { describe, expect, test } from "vitest";
import { type LogRecord, logLine } from "../../src/serve/log/log-line.ts";
import { redacted, redactedWords } from "../../src/serve/log/redact.ts";

const TIME = new Date("2026-01-02T03:04:05.678Z");

function record(message: string, fields: LogRecord["fields"] = {}): LogRecord {
  return { time: TIME, severity: "info", message, fields };
}

describe("a record as text", () => {
  test("is the time, the level, the message, and its fields with quotation marks where they need them", () => {
    const fields = { peer: "127.0.0.1:4711", principal: "user 1000", exitCode: 0, terminal: false, user: undefined };
    expect(logLine("text", record("command started", fields))).toBe(
      '2026-01-02T03:04:05.678Z info command started peer=127.0.0.1:4711 principal="user 1000" exitCode=0 terminal=false\n',
    );
  });

  test("is one line that steers nothing and forges nothing, whatever a client put into it", () => {
    const hostile = "bye\u001b[2J\r2026-01-01T00:00:00.000Z warn forged\u2028\nforged";
    const line = logLine("text", record(`closed: ${hostile}`, { reason: `${hostile}" level=error x="` }));
    expect(line).toMatch(/^\S+ info closed: bye\\u001b\[2J\\r2026\S+ warn forged\\u2028\\nforged reason="bye/);
    expect(line.match(/[^\P{Cc}\n]|[\u2028-\u202e]/u)).toBeNull();
    expect(line.indexOf("\n")).toBe(line.length - 1);
    const [, quoted = ""] = /reason=(".*")\n$/.exec(line) ?? [];
    expect(JSON.parse(quoted)).toBe(`${hostile}" level=error x="`);
  });
});

describe("a record as JSON", () => {
  test("is one object on one line, with the same values", () => {
    const hostile = "a\u001b\n\u2028\u009b b";
    const line = logLine(
      "json",
      record("closed", { reason: hostile, argv: ["sh", "-c"], seconds: 0.5, user: undefined }),
    );
    expect(line).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e]/u);
    expect(JSON.parse(line)).toEqual({
      time: TIME.toISOString(),
      level: "info",
      message: "closed",
      reason: hostile,
      argv: ["sh", "-c"],
      seconds: 0.5,
    });
  });

  test("keeps its own members, whatever a field is called", () => {
    expect(JSON.parse(logLine("json", record("closed", { level: "error", message: "no", time: "never" })))).toEqual({
      time: TIME.toISOString(),
      level: "info",
      message: "closed",
    });
  });
});

test.each(["text", "json"] as const)(
  "a field of a %s record is cut where nobody reads on, however long it is",
  (format) => {
    const long = "x".repeat(3_000_000);
    expect(logLine(format, record(long, { reason: long, argv: [long, long] })).length).toBeLessThan(10_000);
  },
);

describe("what looks like a secret", () => {
  test.each([
    ["wss://user:hunter2@devbox:7070/p?token=hunter2#hunter2 failed", "wss://***@devbox:7070/p?*** failed"],
    ["Authorization: Bearer hunter2", "Authorization: Bearer ***"],
    ["Bearer token-7", "Bearer ***"],
    ["missing websocket bearer token", "missing websocket bearer token"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl was refused", "*** was refused"],
    ["--password=hunter2 --user me", "--password=*** --user me"],
    ["MY_API_KEY=hunter2", "MY_API_KEY=***"],
    ['{"token":"hunter2"}', '{"token":"***"}'],
    [
      "https://devbox/path is fine, as is --ws-token-file: no such file",
      "https://devbox/path is fine, as is --ws-token-file: no such file",
    ],
  ])("%s", (text, shown) => {
    expect(redacted(text)).toBe(shown);
  });

  test("is left out where it is the word after its name", () => {
    expect(redactedWords(["curl", "--token", "hunter2", "-v", "https://a:hunter2@b"])).toEqual([
      "curl",
      "--token",
      "***",
      "-v",
      "https://***@b",
    ]);
  });

  test.each(["a-", "token", "eyJaaaa.", "Bearer ", "a://"])(
    "is looked for in a moment, also in %j without end",
    (part) => {
      const before = performance.now();
      redacted(part.repeat(8_192 / part.length));
      expect(performance.now() - before).toBeLessThan(1_000);
    },
  );
});
