import { METHODS } from "@holdfast/exec-server-protocol";
import {
  createExecServerRouter,
  type ExecServerHandlers,
  type RoutedRequest,
} from "@holdfast/exec-server-protocol/server";
import { describe, expect, test } from "vitest";

type Seen = { params: unknown; context: string };

const START = { processId: "p", argv: ["true"], cwd: "file:///tmp", env: {}, tty: false };
const WALK = { maxDepth: 1, maxDirectories: 1, maxEntries: 1, followDirectorySymlinks: false };
const HTTP = { method: "GET", url: "http://a/", requestId: "1" };

/** Handlers that give back what they were called with. */
function recording(overrides: Partial<ExecServerHandlers<string>> = {}): ExecServerHandlers<string> {
  const entries = Object.keys(METHODS).map((method) => [
    method,
    (params: unknown, context: string): Seen => ({ params, context }),
  ]);
  return { ...(Object.fromEntries(entries) as unknown as ExecServerHandlers<string>), ...overrides };
}

const router = createExecServerRouter(recording());

function refusal(method: string, params: unknown): { code: number; message: string } | "ready" {
  const routed = router.request(method, params);
  return routed.kind === "ready" ? "ready" : { code: routed.code, message: routed.message };
}

function seen(routed: RoutedRequest<string, string>): Seen {
  if (routed.kind === "refused") throw new Error(routed.message);
  return routed.run("context") as Seen;
}

describe("the order of checks", () => {
  test("the method comes before its params", () => {
    expect(refusal("foo/bar", 5)).toEqual({
      code: -32601,
      message: "method `foo/bar` is not implemented by this executor",
    });
  });

  test("a method of the other direction, a notice, and a name that objects have by nature are no methods", () => {
    for (const method of [
      "process/output",
      "network/policyRequest",
      "initialized",
      "toString",
      "__proto__",
      "constructor",
      "",
    ]) {
      expect(refusal(method, {})).toMatchObject({ code: -32601 });
    }
  });

  test("a method that is left out on purpose is not found, whatever its params", () => {
    const partial = createExecServerRouter(recording({ "http/request": "unsupported" }));
    for (const params of [HTTP, {}, null]) {
      expect(partial.request("http/request", params)).toEqual({
        kind: "refused",
        code: -32601,
        message: "method `http/request` is not implemented by this executor",
      });
    }
  });

  test("a long name is not sent back whole", () => {
    const answer = refusal("x".repeat(100_000), {});
    expect(answer === "ready" ? "" : answer.message).toHaveLength(
      200 + "method `…` is not implemented by this executor".length,
    );
  });

  test("nothing runs before the caller says so, and the family is for its gate", () => {
    let runs = 0;
    const counting = createExecServerRouter(
      recording({
        "process/terminate": () => {
          runs += 1;
          return { running: false };
        },
      }),
    );
    const routed = counting.request("process/terminate", { processId: "p" });
    expect(runs).toBe(0);
    expect(routed).toMatchObject({ kind: "ready", method: "process/terminate", family: "exec" });
    if (routed.kind === "ready") expect(routed.run("context")).toEqual({ running: false });
    expect(runs).toBe(1);
  });

  test("every method says the family of the table", () => {
    for (const [method, row] of Object.entries(METHODS)) {
      if (row.kind !== "request" || row.from !== "client" || row.params !== null) continue;
      expect(router.request(method, null)).toMatchObject({ kind: "ready", family: row.family });
    }
    expect(router.request("initialize", { clientName: "c" })).toMatchObject({ kind: "ready", family: undefined });
  });
});

describe("what handlers get", () => {
  test("is the params without members that nobody knows, and the context", () => {
    expect(seen(router.request("process/start", { ...START, unknown: 1, sandbox: null }))).toEqual({
      params: { ...START, sandbox: null },
      context: "context",
    });
  });

  test("is canonical paths", () => {
    const { params } = seen(
      router.request("fs/copy", {
        sourcePath: "FILE:/a/../b c",
        destinationPath: "file://localhost/x",
        recursive: false,
      }),
    );
    expect(params).toEqual({ sourcePath: "file:///b%20c", destinationPath: "file:///x", recursive: false });
  });

  test("is a sandbox read by the rules of its own package", () => {
    const sandbox = { permissions: { type: "disabled", x: 1 }, windowsSandboxLevel: "disabled", cwd: "file:/a/" };
    expect(seen(router.request("fs/readFile", { path: "file:///a", sandbox })).params).toEqual({
      path: "file:///a",
      sandbox: { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled", cwd: "file:///a/" },
    });
    expect(
      refusal("fs/readFile", { path: "file:///a", sandbox: { ...sandbox, permissions: { type: "wide" } } }),
    ).toMatchObject({
      code: -32602,
    });
  });

  test("is every name of an environment, also one that objects have by nature", () => {
    const env = JSON.parse('{"__proto__":"a","constructor":"b","":"c"}') as Record<string, string>;
    const { env: got } = seen(router.request("process/start", { ...START, env })).params as {
      env: Record<string, string>;
    };
    expect(Object.entries(got)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
      ["", "c"],
    ]);
  });

  test("is open members as they came", () => {
    const networkProxy = { proxy: { enabled: true, list: [1] }, policyDecisionTimeoutMs: 5 };
    expect(seen(router.request("process/start", { ...START, networkProxy })).params).toEqual({
      ...START,
      networkProxy,
    });
  });

  test("is null for a method without params", () => {
    for (const params of [undefined, null, {}])
      expect(seen(router.request("environment/info", params)).params).toBe(null);
  });

  test("is content that only the method itself judges", () => {
    expect(seen(router.request("fs/writeFile", { path: "file:///a", dataBase64: "!!" })).params).toEqual({
      path: "file:///a",
      dataBase64: "!!",
    });
  });
});

describe("params that do not decode", () => {
  test.each([
    ["process/start", undefined, "invalid type: null, expected struct ProcessStartParams"],
    ["process/start", null, "invalid type: null, expected struct ProcessStartParams"],
    ["process/start", "x", 'invalid type: string "x", expected struct ProcessStartParams'],
    ["process/start", [1], "invalid type: sequence, expected struct ProcessStartParams"],
    ["process/start", {}, "missing field `processId`"],
    ["process/start", { processId: "p" }, "missing field `argv`"],
    ["process/start", { ...START, env: undefined }, "missing field `env`"],
    ["process/start", { ...START, argv: "x" }, 'invalid type: string "x", expected a sequence at `argv`'],
    ["process/start", { ...START, argv: ["a", 1] }, "invalid type: number, expected a string at `argv[1]`"],
    ["process/start", { argv: [1] }, "invalid type: number, expected a string at `argv[0]`"],
    ["process/start", { ...START, env: null }, "invalid type: null, expected a map at `env`"],
    ["process/start", { ...START, env: [] }, "invalid type: sequence, expected a map at `env`"],
    ["process/start", { ...START, env: { a: "x", b: 1 } }, "invalid type: number, expected a string at `env.b`"],
    ["process/start", { ...START, tty: "yes" }, 'invalid type: string "yes", expected a boolean at `tty`'],
    ["process/start", { ...START, cwd: "/x" }, "invalid URI: relative URL without a base at `cwd`"],
    ["process/start", { ...START, cwd: "http://x" }, "unsupported path URI scheme `http` at `cwd`"],
    ["process/start", { ...START, cwd: null }, "invalid type: null, expected a string at `cwd`"],
    ["process/start", { ...START, pipeStdin: null }, "invalid type: null, expected a boolean at `pipeStdin`"],
    [
      "process/start",
      { ...START, enforceManagedNetwork: null },
      "invalid type: null, expected a boolean at `enforceManagedNetwork`",
    ],
    ["process/start", { ...START, sandbox: {} }, "missing field `permissions` at `sandbox`"],
    [
      "process/start",
      { ...START, envPolicy: 5 },
      "invalid type: number, expected struct EnvironmentPolicy at `envPolicy`",
    ],
    ["process/start", { ...START, envPolicy: {} }, "missing field `inherit` at `envPolicy`"],
    [
      "process/start",
      { ...START, envPolicy: { inherit: "x" } },
      "unknown variant `x`, expected one of `core`, `all`, `none` at `envPolicy.inherit`",
    ],
    [
      "process/start",
      { ...START, managedNetwork: { loopbackPorts: [1, 70_000] } },
      "invalid number at `managedNetwork.loopbackPorts[1]`",
    ],
    [
      "process/start",
      { ...START, managedNetwork: { loopbackPorts: null } },
      "invalid type: null, expected a sequence at `managedNetwork.loopbackPorts`",
    ],
    ["process/start", { ...START, networkProxy: {} }, "missing field `proxy` at `networkProxy`"],
    [
      "process/start",
      { ...START, networkProxy: { proxy: 5 } },
      "invalid type: number, expected a map at `networkProxy.proxy`",
    ],
    ["process/start", { ...START, metadata: { threadId: "x" } }, "invalid UUID at `metadata.threadId`"],
    [
      "process/start",
      { ...START, shellSnapshot: { scopeId: "s", shell: {} } },
      "missing field `name` at `shellSnapshot.shell`",
    ],
    ["process/read", { processId: "p", afterSeq: -1 }, "invalid number at `afterSeq`"],
    ["process/read", { processId: "p", maxBytes: 1.5 }, "invalid number at `maxBytes`"],
    ["process/read", { processId: "p", waitMs: 2 ** 65 }, "invalid number at `waitMs`"],
    ["process/read", { processId: "p", waitMs: Number.POSITIVE_INFINITY }, "invalid number at `waitMs`"],
    ["process/read", { processId: "p", afterSeq: "x" }, 'invalid type: string "x", expected u64 at `afterSeq`'],
    ["process/read", { processId: "p", afterSeq: true }, "invalid type: boolean `true`, expected u64 at `afterSeq`"],
    ["process/write", { processId: "p", chunk: "aGk", writeId: "1" }, "Invalid padding at `chunk`"],
    ["process/write", { processId: "p", chunk: "!Gk=", writeId: "1" }, "Invalid symbol 33, offset 0. at `chunk`"],
    ["process/write", { processId: "p", chunk: 5, writeId: "1" }, "invalid type: number, expected a string at `chunk`"],
    ["process/write", { processId: "p", chunk: "" }, "missing field `writeId`"],
    ["process/signal", { processId: "p", signal: "x" }, "unknown variant `x`, expected `interrupt` at `signal`"],
    ["process/signal", { processId: "p", signal: null }, "invalid type: null, expected string or map at `signal`"],
    ["process/signal", { processId: "p" }, "missing field `signal`"],
    ["environment/info", { a: 1 }, "invalid type: map, expected unit"],
    ["environment/status", [], "invalid type: sequence, expected unit"],
    ["environment/status", 0, "invalid type: number, expected unit"],
    [
      "environmentConfig/read",
      { cwd: "file:///", configPaths: [["a", 1]], requirementsPaths: [] },
      "invalid type: number, expected a string at `configPaths[0][1]`",
    ],
    ["capabilityRoots/discoverV1", { roots: [{ id: "x" }] }, "missing field `path` at `roots[0]`"],
    ["capabilities/discoverV2", {}, "missing field `cwd`"],
    ["fs/writeFile", { path: "file:///a" }, "missing field `dataBase64`"],
    ["fs/copy", { sourcePath: "file:///a", destinationPath: "file:///b" }, "missing field `recursive`"],
    ["fs/remove", { path: "file:///a", force: "x" }, 'invalid type: string "x", expected a boolean at `force`'],
    ["fs/walk", { path: "file:///a", options: {} }, "missing field `maxDepth` at `options`"],
    [
      "fs/walk",
      { path: "file:///a", options: { ...WALK, pruneHiddenDirectories: null } },
      "invalid type: null, expected a boolean at `options.pruneHiddenDirectories`",
    ],
    [
      "fs/open",
      { handleId: "h", path: "file:///a", mode: "x" },
      "unknown variant `x`, expected `read` or `replace` at `mode`",
    ],
    [
      "fs/open",
      { handleId: "h", path: "file:///a", mode: null },
      "invalid type: null, expected string or map at `mode`",
    ],
    ["fs/writeBlock", { handleId: "h", offset: 0, chunk: "!" }, "Invalid symbol 33, offset 0. at `chunk`"],
    ["http/request", { ...HTTP, headers: null }, "invalid type: null, expected a sequence at `headers`"],
    ["http/request", { ...HTTP, headers: [{ name: "x" }] }, "missing field `value` at `headers[0]`"],
    ["http/request", { ...HTTP, streamResponse: null }, "invalid type: null, expected a boolean at `streamResponse`"],
    [
      "http/request",
      { ...HTTP, redirectPolicy: null },
      "invalid type: null, expected string or map at `redirectPolicy`",
    ],
    ["http/request", { ...HTTP, bodyBase64: "!" }, "Invalid symbol 33, offset 0. at `bodyBase64`"],
    ["http/request", { ...HTTP, timeoutMs: -1 }, "invalid number at `timeoutMs`"],
  ])("%s %j: %s", (method, params, message) => {
    expect(refusal(method, params)).toEqual({ code: -32602, message });
  });

  test.each([
    [
      "process/start",
      {
        ...START,
        envPolicy: null,
        arg0: null,
        sandbox: null,
        managedNetwork: null,
        networkProxy: null,
        metadata: null,
        shellSnapshot: null,
      },
    ],
    [
      "process/start",
      { ...START, processId: "", argv: [], managedNetwork: {}, metadata: { threadId: null, toolCallId: null } },
    ],
    ["process/start", { ...START, metadata: { threadId: "0199A213-81c0-7800-8aa1-bbab2a035a53" } }],
    ["process/read", { processId: "p", afterSeq: null, maxBytes: null, waitMs: null }],
    ["process/read", { processId: "p", afterSeq: 0, maxBytes: 2 ** 53, waitMs: 2 ** 64 }],
    ["process/write", { processId: "p", chunk: "", writeId: "" }],
    ["fs/createDirectory", { path: "file:///a", recursive: null, followSymlinks: null }],
    ["fs/remove", { path: "file:///a", recursive: null, force: null }],
    ["fs/watchMissing", { watchId: 1, missing: [] }],
    [
      "http/request",
      { ...HTTP, bodyBase64: null, timeoutMs: null, headers: [{ name: "a", value: "b", valueEnvVar: null }] },
    ],
    ["initialize", { clientName: "c", resumeSessionId: null }],
  ])("%s takes %j", (method, params) => {
    expect(refusal(method, params)).toBe("ready");
  });

  test("long text is not sent back whole", () => {
    const answer = refusal("process/start", { ...START, tty: "y".repeat(1_000_000) });
    expect(answer === "ready" ? "" : answer.message).toMatch(
      /^invalid type: string "y{200}…", expected a boolean at `tty`$/,
    );
  });
});

describe("notices", () => {
  test("initialized runs, with params or without", () => {
    for (const params of [undefined, null, {}]) {
      const routed = router.notice("initialized", params);
      if (routed.kind !== "ready") throw new Error(routed.message);
      expect(routed.run("context")).toEqual({ params: null, context: "context" });
    }
  });

  test("everything else is refused by name", () => {
    expect(router.notice("process/start", START)).toEqual({
      kind: "refused",
      message: "notice `process/start` is not known to this executor",
    });
    expect(router.notice("initialized", [1])).toEqual({
      kind: "refused",
      message: "invalid params of notice `initialized`: invalid type: sequence, expected unit",
    });
  });
});
