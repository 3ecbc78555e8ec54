import { describe, expect, test, vi } from "vitest";
import type { ServerRequests } from "../../src/index.ts";
import type { ApprovalContext, ApprovalDecision, ApprovalRequest, Approve, OpenThread } from "../../src/threads.ts";
import { openedThread, ScriptedServer, THREAD_ID, TURN_ID } from "./scripted-server.ts";

const COMMAND = {
  threadId: THREAD_ID,
  turnId: TURN_ID,
  itemId: "call-1",
  startedAtMs: 1,
  command: "make",
  environmentId: null,
} as const;
const PATCH = { threadId: THREAD_ID, turnId: TURN_ID, itemId: "call-2", startedAtMs: 1 } as const;
const PERMISSIONS = {
  ...PATCH,
  cwd: "/srv/repo",
  permissions: { network: { enabled: true } },
  reason: null,
  environmentId: null,
} as const;
const TOOL = {
  threadId: THREAD_ID,
  turnId: TURN_ID,
  serverName: "loud",
  mode: "form",
  message: "Allow it?",
  requestedSchema: { type: "object", properties: {} },
  _meta: { codex_approval_kind: "mcp_tool_call" },
} as const;
const FORM = { ...TOOL, _meta: null } as const;

async function opened(server: ScriptedServer, approve?: Approve): Promise<OpenThread> {
  const starting = server.threads.start({ approve });
  (await server.next("thread/start")).resolve(openedThread());
  return starting;
}

/** Ask as the server does, with the handlers that a client would have. */
async function ask<Method extends keyof ServerRequests>(
  server: ScriptedServer,
  method: Method,
  params: ServerRequests[Method]["params"],
  { others = {}, context = {} }: { others?: object; context?: ApprovalContext } = {},
): Promise<unknown> {
  const handler = server.threads.handlers(others)[method];
  if (typeof handler !== "function") throw new Error(`nobody answers ${method}`);
  return (handler as (params: unknown, context: ApprovalContext) => unknown)(params, context);
}

const askCommand = (server: ScriptedServer, options = {}) =>
  ask(server, "item/commandExecution/requestApproval", COMMAND, options);

describe("who decides", () => {
  const saying = (decision: ApprovalDecision): Approve => vi.fn(async () => decision);

  test("the run before the thread, the thread before all threads, and these before the handlers of the client", async () => {
    const server = new ScriptedServer({ approve: saying("acceptForSession") });
    const others = { "item/commandExecution/requestApproval": () => ({ decision: "cancel" }) };
    expect(await askCommand(server, { others })).toEqual({ decision: "acceptForSession" });
    const thread = await opened(server, saying("decline"));
    expect(await askCommand(server, { others })).toEqual({ decision: "decline" });
    const run = thread.run("go on", { approve: saying("accept") });
    await server.startTurn();
    await run.turnId;
    expect(await askCommand(server, { others })).toEqual({ decision: "accept" });
    const params = { ...COMMAND, turnId: "another" };
    expect(await ask(server, "item/commandExecution/requestApproval", params, { others })).toEqual({
      decision: "decline",
    });
    server.complete();
    await run.result();
    expect(await askCommand(server, { others })).toEqual({ decision: "decline" });
    const closed = thread.close();
    (await server.next("thread/unsubscribe")).resolve({ status: "unsubscribed" });
    await closed;
    expect(await askCommand(server, { others })).toEqual({ decision: "acceptForSession" });
  });

  test("the handlers of the client, where there is no callback, and else nothing is allowed", async () => {
    const server = new ScriptedServer();
    await opened(server);
    const others = { "item/commandExecution/requestApproval": () => ({ decision: "accept" }) };
    expect(await askCommand(server, { others })).toEqual({ decision: "accept" });
    expect(await askCommand(server)).toEqual({ decision: "decline" });
    expect(await ask(server, "item/fileChange/requestApproval", PATCH)).toEqual({ decision: "decline" });
    expect(await ask(server, "item/permissions/requestApproval", PERMISSIONS)).toEqual({
      permissions: {},
      scope: "turn",
    });
    const declined = { action: "decline" };
    expect(await ask(server, "mcpServer/elicitation/request", TOOL)).toEqual(declined);
    expect(await ask(server, "mcpServer/elicitation/request", FORM)).toEqual(declined);
  });

  test("a thread that is resumed decides about what waited there, before the server has answered", async () => {
    const server = new ScriptedServer();
    const resuming = server.threads.resume(THREAD_ID, { approve: saying("accept") });
    const call = await server.next("thread/resume");
    expect(await askCommand(server)).toEqual({ decision: "accept" });
    call.reject(new Error("no rollout found"));
    await expect(resuming).rejects.toThrow("no rollout found");
    expect(await askCommand(server)).toEqual({ decision: "decline" });
  });

  test("other handlers of the client stay as they are", () => {
    const others = { "item/tool/call": () => ({ contentItems: [], success: true }) };
    expect(new ScriptedServer().threads.handlers(others)["item/tool/call"]).toBe(others["item/tool/call"]);
  });
});

describe("what is asked and answered", () => {
  async function decided(method: keyof ServerRequests, params: unknown, decision: ApprovalDecision) {
    let asked: ApprovalRequest | undefined;
    const server = new ScriptedServer();
    await opened(server, async (request) => {
      asked = request;
      return decision;
    });
    return { answer: await ask(server, method, params as never), asked };
  }

  test("a command, with all that the wire can say", async () => {
    const policy = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["make"] } };
    const { answer, asked } = await decided("item/commandExecution/requestApproval", COMMAND, policy);
    expect(answer).toEqual({ decision: policy });
    expect(asked).toMatchObject({ type: "command", threadId: THREAD_ID, turnId: TURN_ID, params: COMMAND });
    expect(asked?.item).toBeUndefined();
  });

  test.each(["accept", "acceptForSession", "decline", "cancel"] as const)("a change of files: %s", async (decision) => {
    const { answer, asked } = await decided("item/fileChange/requestApproval", PATCH, decision);
    expect([answer, asked?.type]).toEqual([{ decision }, "fileChange"]);
  });

  test.each([
    ["accept", { permissions: PERMISSIONS.permissions, scope: "turn" }],
    ["acceptForSession", { permissions: PERMISSIONS.permissions, scope: "session" }],
    ["decline", { permissions: {}, scope: "turn" }],
  ] as const)("permissions: %s", async (decision, expected) => {
    const { answer, asked } = await decided("item/permissions/requestApproval", PERMISSIONS, decision);
    expect([answer, asked?.type]).toEqual([expected, "permissions"]);
  });

  test.each([
    ["accept", { action: "accept", content: null, _meta: null }],
    ["acceptForSession", { action: "accept", content: null, _meta: { persist: "session" } }],
    ["decline", { action: "decline" }],
    ["cancel", { action: "cancel" }],
  ] as const)("a tool of an MCP server: %s", async (decision, expected) => {
    const { answer, asked } = await decided("mcpServer/elicitation/request", TOOL, decision);
    expect([answer, asked?.type]).toEqual([expected, "mcpToolCall"]);
  });

  test("a form of an MCP server is none of these", async () => {
    const server = new ScriptedServer();
    await opened(server, async () => "accept");
    const others = { "mcpServer/elicitation/request": () => ({ action: "accept", content: { name: "x" } }) };
    const answer = await ask(server, "mcpServer/elicitation/request", FORM, { others });
    expect(answer).toEqual({ action: "accept", content: { name: "x" } });
  });

  test("what is to be changed is shown with the request", async () => {
    const server = new ScriptedServer();
    const asked: ApprovalRequest[] = [];
    const thread = await opened(server, async (request) => {
      asked.push(request);
      return "decline";
    });
    const run = thread.run("go on");
    await server.startTurn();
    await run.turnId;
    const change = { path: "/srv/repo/new", kind: { type: "add" }, diff: "one\n" } as const;
    const item = { type: "fileChange", id: "call-2", changes: [change], status: "inProgress" } as const;
    const begun = { threadId: THREAD_ID, turnId: TURN_ID, startedAtMs: 1, item: { ...item, changes: [change] } };
    server.send("item/started", begun);
    await ask(server, "item/fileChange/requestApproval", PATCH);
    expect(asked[0]?.item).toEqual(item);
    server.send("item/completed", { ...begun, completedAtMs: 2 });
    await ask(server, "item/fileChange/requestApproval", PATCH);
    expect(asked[1]?.item).toBeUndefined();
  });
});

describe("an approval that does not go as it should", () => {
  async function running(server: ScriptedServer, approve: Approve) {
    const run = (await opened(server)).run("go on", { approve });
    await server.startTurn();
    await run.turnId;
    return run;
  }

  test("a callback that throws allows nothing, and the run ends with what it threw", async () => {
    const server = new ScriptedServer();
    const broken = new Error("no window");
    const run = await running(server, () => Promise.reject(broken));
    expect(await askCommand(server)).toEqual({ decision: "cancel" });
    (await server.next("turn/interrupt")).resolve({});
    server.complete({ status: "interrupted" });
    await expect(run.result()).rejects.toMatchObject({ code: "approval", cause: broken });
  });

  test("a decision that the request does not know is one that threw", async () => {
    const server = new ScriptedServer();
    const run = await running(server, async () => ({ acceptWithExecpolicyAmendment: { execpolicy_amendment: [] } }));
    expect(await ask(server, "item/fileChange/requestApproval", PATCH)).toEqual({ decision: "cancel" });
    (await server.next("turn/interrupt")).resolve({});
    server.complete({ status: "interrupted" });
    await expect(run.result()).rejects.toThrow(/only commands take policies/);
  });

  test.each([undefined, "yes", true, null])("nor is %j a decision about a command", async (decision) => {
    const server = new ScriptedServer();
    const run = await running(server, async () => decision as never);
    expect(await askCommand(server)).toEqual({ decision: "cancel" });
    (await server.next("turn/interrupt")).resolve({});
    server.complete({ status: "interrupted" });
    await expect(run.result()).rejects.toMatchObject({
      code: "approval",
      message: expect.stringMatching(/must give accept/),
    });
  });

  test("outside of a run the error is the answer", async () => {
    const server = new ScriptedServer({ approve: () => Promise.reject(new Error("no window")) });
    await expect(askCommand(server)).rejects.toThrow("no window");
  });

  test("permissions that are answered cancel interrupt the turn, which their answer can not say", async () => {
    const server = new ScriptedServer();
    const run = await running(server, async () => "cancel");
    expect(await ask(server, "item/permissions/requestApproval", PERMISSIONS)).toEqual({
      permissions: {},
      scope: "turn",
    });
    (await server.next("turn/interrupt")).resolve({});
    server.complete({ status: "interrupted" });
    expect((await run.result()).status).toBe("interrupted");
  });

  test.each([
    ["another client answered", (_: ScriptedServer, answered: AbortController) => answered.abort()],
    ["the turn is over", (server: ScriptedServer) => server.complete()],
    ["the connection is lost", (server: ScriptedServer) => server.lose(new Error("gone"))],
  ] as const)(
    "its signal says when the answer is of no use any more, and what it throws then is no error: %s",
    async (_, end) => {
      const server = new ScriptedServer();
      const answered = new AbortController();
      const run = await running(server, async ({ signal }) => {
        const { promise, reject } = Promise.withResolvers<never>();
        signal.addEventListener("abort", () => reject(signal.reason));
        return promise;
      });
      const answer = askCommand(server, { context: { signal: answered.signal } });
      end(server, answered);
      expect(await answer).toEqual({ decision: "decline" });
      expect(server.calls).toEqual([]);
      server.complete();
      await run.result().catch(() => {});
      expect(server.listeners).toBe(0);
    },
  );

  test("its signal is aborted from the start where the client can not answer any more", async () => {
    const server = new ScriptedServer();
    await opened(server, async ({ signal }) => (signal.aborted ? "decline" : "accept"));
    expect(await askCommand(server, { context: { signal: AbortSignal.abort() } })).toEqual({ decision: "decline" });
  });
});
