import { METHODS } from "@holdfast/app-server-protocol";
import { createAppServerCallbackRouter } from "@holdfast/app-server-protocol/client";
import {
  type AppServerHandlers,
  createAppServerCallbacks,
  createAppServerRouter,
} from "@holdfast/app-server-protocol/server";
import { beforeAll, describe, expect, test } from "vitest";

/** Handlers that give back what they were called with. */
function recording(overrides: Partial<AppServerHandlers<string>> = {}): AppServerHandlers<string> {
  const entries = Object.keys(METHODS).map((method) => [
    method,
    (params: unknown, context: string) => ({ params, context }),
  ]);
  return { ...(Object.fromEntries(entries) as unknown as AppServerHandlers<string>), ...overrides };
}

const router = createAppServerRouter(recording());

function answer(method: string, params: unknown): unknown {
  const routed = router.request(method, params);
  return routed.kind === "ready" ? routed.run("context") : { code: routed.code, message: routed.message };
}

function refused(reason: string) {
  return { code: -32600, message: `Invalid request: ${reason}` };
}

describe("the dispatcher of a server", () => {
  test("hands decoded params and the context to the handler, without members that nobody knows", () => {
    expect(answer("fs/readFile", { path: "/a", more: 1 })).toEqual({ params: { path: "/a" }, context: "context" });
  });

  test("refuses a method that it does not know by naming those that it does", () => {
    const { code, message } = answer("thread/strat", {}) as { code: number; message: string };
    expect(code).toBe(-32600);
    expect(message).toMatch(/^Invalid request: unknown variant `thread\/strat`, expected one of `initialize`, /);
    expect(message).toContain("`thread/start`");
    for (const method of ["turn/completed", "item/tool/call", "initialized", "toString", "__proto__", ""]) {
      expect(answer(method, {})).toMatchObject({ code: -32600 });
    }
  });

  test("refuses one that is left out on purpose as one that it does not know, and does not name it", () => {
    const partial = createAppServerRouter(recording({ "thread/rollback": "unsupported" }));
    const routed = partial.request("thread/rollback", { threadId: "t", numTurns: 1 });
    if (routed.kind !== "refused") throw new Error("it was routed");
    expect(routed.message).toMatch(/^Invalid request: unknown variant `thread\/rollback`/);
    expect(routed.message.match(/`thread\/rollback`/g)).toHaveLength(1);
  });

  test.each<[string, unknown, string]>([
    ["command/exec", undefined, "missing field `params`"],
    ["command/exec", null, "missing field `params`"],
    ["command/exec", {}, "missing field `command`"],
    ["command/exec", { command: ["ls"], timeoutMs: "x" }, 'invalid type: string "x", expected i64 at `timeoutMs`'],
    ["initialize", {}, "missing field `clientInfo`"],
    [
      "thread/start",
      { approvalPolicy: "always" },
      "unknown variant `always`, expected one of `untrusted`, `on-request`, `never`, `granular` at `approvalPolicy`",
    ],
    ["memory/reset", { all: true }, "invalid type: map, expected unit"],
  ])("refuses %s with %j: %s", (method, params, reason) => {
    expect(answer(method, params)).toEqual(refused(reason));
  });

  describe.each(["command/exec", "turn/start", "thread/settings/update"])(
    "a policy of %s that once limited reading",
    (method) => {
      const params = (sandboxPolicy: object) => ({ command: ["ls"], threadId: "t", input: [], sandboxPolicy });
      const restricted = { type: "restricted", includePlatformDefaults: true, readableRoots: ["/a"] };

      test.each([
        ["readOnly", "access", restricted],
        ["readOnly", "access", 5],
        ["readOnly", "access", {}],
        ["workspaceWrite", "readOnlyAccess", restricted],
      ])("is refused: %s with %s %j", (type, member, access) => {
        const reason = `${type}.${member} is no longer supported; use permissionProfile for restricted reads`;
        expect(answer(method, params({ type, [member]: access }))).toEqual(refused(reason));
      });

      test.each([
        ["readOnly", "access", { type: "fullAccess" }],
        ["readOnly", "access", null],
        ["readOnly", "readOnlyAccess", restricted],
        ["workspaceWrite", "access", restricted],
        ["dangerFullAccess", "access", restricted],
      ])("is taken where it limited nothing: %s with %s %j", (type, member, access) => {
        expect(answer(method, params({ type, [member]: access }))).toMatchObject({
          params: { sandboxPolicy: { type } },
        });
      });
    },
  );

  test("takes null for params that may be left out, and for those of a method without any", () => {
    for (const params of [undefined, null]) {
      expect(answer("account/usage/read", params)).toEqual({ params: null, context: "context" });
      expect(answer("memory/reset", params)).toEqual({ params: null, context: "context" });
    }
    expect(answer("account/usage/read", {})).toEqual({ params: {}, context: "context" });
  });

  test("reads words of clients strictly, also those of a newer one", () => {
    expect(answer("turn/start", { threadId: "t", input: [{ type: "hologram", url: "x" }] })).toMatchObject({
      code: -32600,
      message: expect.stringMatching(/^Invalid request: unknown variant `hologram`/),
    });
  });
});

test("what a server sends is a stub as well", async () => {
  const sent: unknown[] = [];
  const callbacks = createAppServerCallbacks({
    call: async (method, params) => {
      sent.push([method, params]);
      return { decision: "accept" };
    },
    notify: (method, params) => void sent.push([method, params]),
    on: () => () => {},
  });
  const params = { threadId: "t", turnId: "u", itemId: "i", startedAtMs: 1 };
  await expect(callbacks.item.fileChange.requestApproval(params)).resolves.toEqual({ decision: "accept" });
  callbacks.thread.closed({ threadId: "t" });
  expect(sent).toEqual([
    ["item/fileChange/requestApproval", params],
    ["thread/closed", { threadId: "t" }],
  ]);
});

describe("the router of a client", () => {
  const callbacks = createAppServerCallbackRouter<string>({
    "item/tool/call": ({ tool }) => ({ success: true, contentItems: [{ type: "inputText", text: tool }] }),
    "mcpServer/elicitation/request": (params) => ({ action: params.mode === "form" ? "accept" : "decline" }),
  });
  const ELICITATION = { threadId: "t", serverName: "s" };
  beforeAll(() => callbacks.whenReady());

  test("answers what servers ask by the handlers that are there, and -32601 for the others", () => {
    const call = callbacks.request("item/tool/call", {
      threadId: "t",
      turnId: "u",
      callId: "c",
      tool: "x",
      arguments: {},
    });
    if (call.kind === "refused") throw new Error(call.message);
    expect(call.run("context")).toEqual({ success: true, contentItems: [{ type: "inputText", text: "x" }] });
    for (const method of ["item/fileChange/requestApproval", "thread/start", "something/new"]) {
      expect(callbacks.request(method, {})).toMatchObject({
        kind: "refused",
        code: -32601,
        message: `method \`${method}\` is not served by this client`,
      });
    }
  });

  test("hands on a kind of request that is newer than itself, as long as it has what all kinds have", () => {
    const routed = callbacks.request("mcpServer/elicitation/request", { ...ELICITATION, mode: "hologram", beam: 1 });
    if (routed.kind === "refused") throw new Error(routed.message);
    expect(routed.run("context")).toEqual({ action: "decline" });
  });

  test("refuses params that are none, by code -32602", () => {
    expect(callbacks.request("item/tool/call", { tool: 5 })).toMatchObject({ kind: "refused", code: -32602 });
    expect(callbacks.request("mcpServer/elicitation/request", { mode: "hologram" })).toMatchObject({
      kind: "refused",
      code: -32602,
      message: "missing field `serverName`",
    });
  });
});
