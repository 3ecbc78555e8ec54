import { Base64Bytes } from "@holdfast/exec-server-protocol";
import { describe, expect, test } from "vitest";
import { QUICK_NOTICES, QUICK_PARAMS, QUICK_RESULTS } from "../src/gen/quick-checks.gen.ts";
import { METHOD_SCHEMAS } from "../src/gen/zod.gen.ts";

type Message = Record<string, unknown>;
type Check = (message: Message) => unknown;

/** One message of each kind, with every member that it may have. */
const NOTICES: Readonly<Record<string, Message>> = {
  "process/output": { processId: "p", seq: 1, stream: "pty", chunk: "aGk=" },
  "process/exited": { processId: "p", seq: 2, exitCode: -1, sandboxDenied: true },
  "process/closed": { processId: "p", seq: 3 },
  "fs/missingChanged": { watchId: 7 },
  "http/request/bodyDelta": { requestId: "r", seq: 1, deltaBase64: "", done: true, error: null },
};

const INFO: Message = {
  shell: { name: "bash", path: "/bin/bash" },
  cwd: "file:///srv/a%20b",
  executorVersion: "1.0.0",
  providerId: null,
  userHomeDir: "file:///root",
  platformOs: "linux",
  prependPathDirs: ["file:///opt/bin", "file:///srv"],
  temporaryDirectories: [],
  tempDir: "file:///tmp",
  capabilities: { fsWatchMissing: true, holdfastTrees: false },
};

const RESULTS: Readonly<Record<string, Message>> = {
  initialize: { sessionId: "s", environmentInfo: INFO },
  "environment/info": INFO,
  "fs/canonicalize": { path: "file:///a" },
  "holdfast/makeTemporaryFolder": { path: "file:///tmp/a" },
  "process/start": { processId: "p", sandboxType: "linuxSeccomp", holdfast: { pid: 7 } },
  "process/write": { status: "accepted" },
  "process/terminate": { running: false },
  "environment/status": { status: "ready" },
  "fs/readFile": { dataBase64: "AAECAw==" },
  "fs/getMetadata": {
    isDirectory: false,
    isFile: true,
    isSymlink: false,
    size: 2 ** 53,
    createdAtMs: -1,
    modifiedAtMs: 0,
  },
  "fs/open": { handleId: "h" },
  "fs/readBlock": { chunk: "aGkK", eof: true },
  "fs/watchMissing": { watching: true },
  "holdfast/closeStdin": { status: "accepted" },
  "holdfast/signalProcess": { delivered: true },
  "holdfast/endProcess": { running: true },
  "holdfast/listen": { host: "127.0.0.1", port: 80 },
  "holdfast/acceptConnection": { connection: { isKnown: false, host: "127.0.0.1", port: 40_000 } },
  "holdfast/signalShared": { delivered: false },
  "holdfast/writeShared": { status: "accepted" },
  "holdfast/awaitInput": { isTaken: false },
  "holdfast/stageFolder": { isResumed: true },
  "holdfast/extractStaged": { problemCount: 1 },
  "holdfast/readLink": { targetBase64: "aGkK" },
  "holdfast/statEntry": {
    kind: "symlink",
    isSymlink: true,
    size: 3,
    mode: 0o777,
    uid: 1_000,
    gid: 2 ** 32 - 1,
    linkCount: 1,
    inode: "18446744073709551615",
    device: "1",
    accessedAtMs: 0,
    modifiedAtMs: -1,
    changedAtMs: 2 ** 40,
    createdAtMs: 0,
    targetBase64: "aGkK",
    targetKind: null,
  },
};

const PARAMS: Readonly<Record<string, Message>> = {
  "fs/watchMissing": { watchId: 1, missing: ["file:///a"], present: "file:///" },
  "holdfast/putStaged": { stageId: "s", path: "file:///a", chunk: "aGk=", mode: 0o644 },
  "holdfast/copyStaged": { stageId: "s", source: "file:///a" },
  initialize: { clientName: "c", resumeSessionId: null },
  "process/read": { processId: "p", afterSeq: 0, maxBytes: null, waitMs: 1_000 },
  "process/write": { processId: "p", chunk: "aGk=", writeId: "w" },
  "process/signal": { processId: "p", signal: "interrupt" },
  "process/terminate": { processId: "p" },
  "fs/readBlock": { handleId: "h", offset: 2 ** 60, len: 1 },
  "fs/writeBlock": { handleId: "h", offset: 0, chunk: "aGkK" },
  "fs/close": { handleId: "h" },
  "holdfast/writeStaged": { stageId: "s", offset: 0, chunk: "aGkK" },
  "holdfast/discardStaged": { stageId: "s" },
  "holdfast/holdOutput": { processId: "p", held: true },
  "holdfast/unwatch": { watchId: "w" },
  "holdfast/closeStdin": { processId: "p" },
  "holdfast/openConnection": { processId: "p", host: "localhost", port: 80 },
  "holdfast/openSocket": { processId: "p", path: "file:///a" },
  "holdfast/listen": { listenerId: "l", host: "127.0.0.1", port: 0, otherMachines: false },
  "holdfast/acceptConnection": { listenerId: "l", processId: "p", waitMs: 1_000 },
  "holdfast/closeListener": { listenerId: "l" },
  "holdfast/signalProcess": { processId: "p", signal: "SIGTERM" },
  "holdfast/endProcess": { processId: "p", graceMs: 2_000 },
  "holdfast/listProcesses": { limit: 10, afterProcessId: null },
  "holdfast/resizeTerminal": { processId: "p", rows: 40, columns: 120 },
  "holdfast/readShared": { sessionId: "s", processId: "p", afterSeq: 3, waitMs: 1_000 },
  "holdfast/listShared": { sessionId: "s", limit: 10 },
  "holdfast/signalShared": { sessionId: "s", processId: "p", signal: "SIGTERM" },
  "holdfast/takeInput": { sessionId: "s", processId: "p" },
  "holdfast/giveInput": { sessionId: "s", processId: "p" },
  "holdfast/writeShared": { sessionId: "s", processId: "p", writeId: "1", chunk: "aGkK" },
  "holdfast/resizeShared": { sessionId: "s", processId: "p", rows: 40, columns: 120 },
  "holdfast/awaitInput": { processId: "p", isTaken: true, waitMs: null },
  "holdfast/extractStaged": { stageId: "s", offset: 0, chunk: "aGkK" },
  "holdfast/readArchive": { archiveId: "a", offset: 2 ** 20, receivedBytes: 0 },
  "holdfast/closeArchive": { archiveId: "a" },
};

const ODD = [
  undefined,
  null,
  true,
  0,
  1,
  -1,
  1.5,
  2 ** 31,
  2 ** 63,
  2 ** 64,
  2 ** 65,
  Number.NaN,
  "",
  "x",
  "AAA",
  "AA-_",
  "AB==",
  [],
  {},
  "file:relative",
  "file:///a?b",
  ["file:///a", 1],
  ["file:///a", "no path"],
];

const kinds = [
  ["notice", QUICK_NOTICES, NOTICES, "params"],
  ["result", QUICK_RESULTS, RESULTS, "result"],
  ["request", QUICK_PARAMS, PARAMS, "params"],
] as const;

describe.each(kinds)("a quick check of a %s", (_, checks, samples, part) => {
  test("is there for each message of plain values, and for no other", () => {
    expect(Object.keys(checks).sort()).toEqual(Object.keys(samples).sort());
  });

  test.each(Object.entries(samples))("%s takes what is as it should be, as the validator does", (method, message) => {
    const check = (checks as Record<string, Check>)[method] as Check;
    const { schema } = METHOD_SCHEMAS[method as "fs/readBlock"][part as "result"];
    const agree = (value: Message): boolean => {
      const quick = check(value);
      const full = schema.safeParse(value);
      if (quick !== undefined) expect(full).toEqual({ success: true, data: quick });
      return quick !== undefined;
    };
    expect(agree(message)).toBe(true);
    expect(agree({ ...message, later: [1] })).toBe(true);
    for (const name of Object.keys(message)) {
      const { [name]: __, ...without } = message;
      agree(without);
      for (const odd of ODD) if (odd !== undefined) agree({ ...message, [name]: odd });
      if (typeof message[name] === "string" && /base64|chunk/i.test(name)) {
        expect(agree({ ...message, [name]: new Base64Bytes(Buffer.from("hi")) })).toBe(true);
      }
    }
    // Nothing that the validator takes is left to it, but for a member that is there without a value.
    const plain = Object.keys(message).map((name) =>
      Object.fromEntries(Object.entries(message).filter(([key]) => key !== name)),
    );
    for (const value of plain) expect(check(value) !== undefined).toBe(schema.safeParse(value).success);
  });
});
