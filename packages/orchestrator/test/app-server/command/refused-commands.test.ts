import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkWindowsSandbox, commandRequestOf } from "../../../src/app-server/command/check-command.ts";
import { openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } };
const command = ["true"];
const size = { rows: 0, cols: 5 };
const profile = "nope";

/** What is wrong, the members that say so beside the command, and how it is refused. */
const REFUSED: readonly (readonly [string, Record<string, unknown>, number, string])[] = [
  ["nothing to run", { command: [] }, -32600, "command must not be empty"],
  [
    "two ways to confine it",
    { permissionProfile: ":read-only", ...FREE },
    -32600,
    "`permissionProfile` cannot be combined with `sandboxPolicy`",
  ],
  ["a size without a terminal", { size }, -32602, "command/exec size requires tty: true"],
  [
    "two bounds of output",
    { outputBytesCap: 1, disableOutputCap: true },
    -32602,
    "command/exec cannot set both outputBytesCap and disableOutputCap",
  ],
  [
    "two time limits",
    { timeoutMs: 1, disableTimeout: true },
    -32602,
    "command/exec cannot set both timeoutMs and disableTimeout",
  ],
  ["a time before now", { timeoutMs: -1 }, -32602, "command/exec timeoutMs must be non-negative, got -1"],
  [
    "an unknown profile",
    { permissionProfile: profile },
    -32600,
    "invalid permission profile: default_permissions requires a `[permissions]` table",
  ],
  [
    "an unknown profile of the server's own",
    { permissionProfile: ":nope" },
    -32600,
    "invalid permission profile: default_permissions refers to unknown built-in profile `:nope`",
  ],
  [
    "a terminal of no size",
    { tty: true, processId: "t", size },
    -32602,
    "command/exec size rows and cols must be greater than 0",
  ],
  [
    "a terminal without an id",
    { tty: true },
    -32600,
    "command/exec tty or streaming requires a client-supplied processId",
  ],
  [
    "input without an id",
    { streamStdin: true },
    -32600,
    "command/exec tty or streaming requires a client-supplied processId",
  ],
  [
    "output without an id",
    { streamStdoutStderr: true },
    -32600,
    "command/exec tty or streaming requires a client-supplied processId",
  ],
];

/** Several rules are broken: which one is told. */
const FIRST: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ command: [], size, ...FREE, permissionProfile: profile }, "command must not be empty"],
  [{ size, ...FREE, permissionProfile: profile }, "`permissionProfile` cannot be combined with `sandboxPolicy`"],
  [{ size, outputBytesCap: 1, disableOutputCap: true }, "command/exec size requires tty: true"],
  [
    { tty: true, size, outputBytesCap: 1, disableOutputCap: true, timeoutMs: -1, disableTimeout: true },
    "command/exec cannot set both outputBytesCap and disableOutputCap",
  ],
  [{ timeoutMs: -1, disableTimeout: true }, "command/exec cannot set both timeoutMs and disableTimeout"],
  [{ tty: true, size, timeoutMs: -1 }, "command/exec timeoutMs must be non-negative, got -1"],
  [
    { tty: true, size, permissionProfile: profile },
    "invalid permission profile: default_permissions requires a `[permissions]` table",
  ],
  [{ tty: true, size }, "command/exec size rows and cols must be greater than 0"],
];

describe("a command is refused", () => {
  test.each(REFUSED)("for %s", async (_, members, code, message) => {
    await using host = await openHost();
    await using client = await host.client();
    expect(await refusalOf(client.call("command/exec", { command, ...members }))).toEqual({ code, message });
  });

  test("for members that can not be read, in the words of the reference", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const refused = async (members: object) => await refusalOf(client.call("command/exec", { command, ...members }));
    const unread = (what: string) => ({
      code: -32600,
      message: expect.stringMatching(`^Invalid request: invalid ${what}`),
    });
    expect(await refused({ outputBytesCap: -1 })).toEqual(unread("number"));
    expect(await refused({ tty: true, processId: "t", size: { rows: 70_000, cols: 1 } })).toEqual(unread("number"));
    expect(await refused({ sandboxPolicy: { type: "workspaceWrite", writableRoots: ["x"] } })).toEqual({
      code: -32600,
      message: "Invalid request: AbsolutePathBuf deserialized without a base path",
    });
    expect(await refused({ timeoutMs: "x" })).toEqual(unread('type: string "x", expected i64'));
  });

  test("for the first of several reasons, in the order of the reference", async () => {
    await using host = await openHost();
    await using client = await host.client();
    for (const [members, message] of FIRST) {
      expect(await refusalOf(client.call("command/exec", { command, ...members }))).toMatchObject({ message });
    }
  });

  test("for an id that the client uses already, whatever else is wrong with starting it, and not for that of another client", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await using other = await host.client();
    const sleeper = client.call("command/exec", {
      ...FREE,
      command: ["sleep", "60"],
      processId: 'du"p',
      streamStdin: true,
    });
    const again = { ...FREE, command: ["nothing-there"], processId: 'du"p' };
    expect(await refusalOf(client.call("command/exec", again))).toEqual({
      code: -32600,
      message: 'duplicate active command/exec process id: "du\\"p"',
    });
    expect(await other.call("command/exec", { ...FREE, command, processId: 'du"p' })).toMatchObject({ exitCode: 0 });
    await client.call("command/exec/terminate", { processId: 'du"p' });
    expect(await sleeper).toMatchObject({ exitCode: 137 });
    expect(await client.call("command/exec", { ...FREE, command, processId: 'du"p' })).toMatchObject({ exitCode: 0 });
  });

  test("in the words of the system where it can not be started", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const folder = host.cwd;
    writeFileSync(join(folder, "text"), "no program");
    const refused = async (members: object) => await refusalOf(client.call("command/exec", { ...FREE, ...members }));
    const spawn = (words: string) => ({ code: -32603, message: `failed to spawn command: ${words}` });
    const missing = spawn("No such file or directory (os error 2)");
    expect(await refused({ command: ["/nothing/there"] })).toEqual(missing);
    expect(await refused({ command: ["nothing-there"] })).toEqual(missing);
    expect(await refused({ command, cwd: "/nothing/there" })).toEqual(missing);
    expect(await refused({ command, cwd: "text" })).toEqual(spawn("Not a directory (os error 20)"));
    expect(await refused({ command: [join(folder, "text")] })).toEqual(spawn("Permission denied (os error 13)"));
    expect(await refused({ command: [folder] })).toEqual(spawn("Permission denied (os error 13)"));
    expect(await refused({ command: ["true", "x".repeat(200_000)] })).toEqual(
      spawn("Argument list too long (os error 7)"),
    );
    expect(await refused({ command: ["true", "a\0b"] })).toMatchObject({
      code: -32603,
      message: expect.stringMatching(/^failed to spawn command: /),
    });
    expect(await refused({ command: [""] })).toMatchObject({
      code: -32603,
      message: expect.stringMatching(/^failed to spawn command: /),
    });
  });
});

describe("what is done to a command is refused", () => {
  const unknown = (id: string) => ({ code: -32600, message: `no active command/exec for process id "${id}"` });

  test("for one that there is not, that of another client included", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await using other = await host.client();
    const mine = client.call("command/exec", { ...FREE, command: ["sleep", "60"], processId: "mine" });
    for (const [caller, processId] of [
      [client, "zz"],
      [other, "mine"],
    ] as const) {
      const call = (what: string, params: object) =>
        refusalOf(caller.call(`command/exec/${what}`, { processId, ...params }));
      expect(await call("write", { closeStdin: true })).toEqual(unknown(processId));
      expect(await call("resize", { size: { rows: 1, cols: 1 } })).toEqual(unknown(processId));
      expect(await call("terminate", {})).toEqual(unknown(processId));
    }
    await client.call("command/exec/terminate", { processId: "mine" });
    expect(await mine).toMatchObject({ exitCode: 137 });
    expect(await refusalOf(client.call("command/exec/terminate", { processId: "mine" }))).toEqual(unknown("mine"));
  });

  test("right behind a start that is refused", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const starts = [
      { ...FREE, command: ["nothing-there"], processId: "never", streamStdin: true },
      { command: ["true"], permissionProfile: "nope", processId: "never", streamStdin: true },
    ];
    for (const start of starts) {
      const refused = refusalOf(client.call("command/exec", start));
      const write = refusalOf(client.call("command/exec/write", { processId: "never", deltaBase64: "YQ==" }));
      expect(await refused).toMatchObject({ message: expect.stringMatching(/spawn|profile/) });
      expect(await write).toEqual(unknown("never"));
    }
  });

  test("for arguments that mean nothing, before anything is looked for", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const write = (params: object) => refusalOf(client.call("command/exec/write", { processId: "zz", ...params }));
    expect(await write({})).toEqual({ code: -32602, message: "command/exec/write requires deltaBase64 or closeStdin" });
    const bad: Record<string, string> = {
      "!!!": "Invalid symbol 33, offset 0.",
      a: "Invalid input length: 1",
      YQ: "Invalid padding",
      "YR==": "Invalid last symbol 82, offset 1.",
      "Y Q=": "Invalid symbol 32, offset 1.",
    };
    for (const [deltaBase64, problem] of Object.entries(bad)) {
      expect(await write({ deltaBase64 })).toEqual({ code: -32602, message: `invalid deltaBase64: ${problem}` });
    }
    expect(await refusalOf(client.call("command/exec/resize", { processId: "zz", size }))).toEqual({
      code: -32602,
      message: "command/exec size rows and cols must be greater than 0",
    });
  });

  test("where it has neither input nor a terminal", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const run = client.call("command/exec", { ...FREE, command: ["sleep", "60"], processId: "plain" });
    const call = (what: string, params: object) =>
      refusalOf(client.call(`command/exec/${what}`, { processId: "plain", ...params }));
    const off = { code: -32600, message: "stdin streaming is not enabled for this command/exec" };
    expect(await call("write", { deltaBase64: "YQ==" })).toEqual(off);
    expect(await call("write", { closeStdin: true })).toEqual(off);
    expect(await call("resize", { size: { rows: 1, cols: 1 } })).toEqual({
      code: -32600,
      message: "failed to resize PTY: process is not attached to a PTY",
    });
    await client.call("command/exec/terminate", { processId: "plain" });
    await run;
  });
});

test("in a sandbox of Windows nothing is streamed, unbounded or without an end", () => {
  const refused = (params: object): string => {
    try {
      const whole = { command: ["cmd"], processId: "w", ...params };
      checkWindowsSandbox(whole, commandRequestOf(whole));
      return "";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  expect(refused({})).toBe("");
  expect(refused({ timeoutMs: 5 })).toBe("");
  for (const params of [{ tty: true }, { streamStdin: true }, { streamStdoutStderr: true }]) {
    expect(refused(params)).toBe("streaming command/exec is not supported with windows sandbox");
  }
  for (const params of [{ outputBytesCap: 5 }, { disableOutputCap: true }]) {
    expect(refused(params)).toBe("custom outputBytesCap is not supported with windows sandbox");
  }
  expect(refused({ disableTimeout: true })).toBe("disableTimeout is not supported with windows sandbox");
});
