import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ElicitationOptions, ElicitationRequest } from "../../src/index.ts";
import { ElicitationDesk } from "../../src/manager/elicitation.ts";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";
import { notes, stub } from "../support/stub.ts";

const CONSENT: ElicitationRequest = {
  id: "1:1",
  serverName: "S",
  mode: "form",
  message: "May I?",
  requestedSchema: { type: "object", properties: {} },
  url: undefined,
  elicitationId: undefined,
  meta: undefined,
};
const FORM: ElicitationRequest = {
  ...CONSENT,
  requestedSchema: { type: "object", properties: { name: { type: "string" } } },
};
const URL_VISIT: ElicitationRequest = {
  ...CONSENT,
  mode: "url",
  requestedSchema: undefined,
  url: "https://example.com",
  elicitationId: "e",
};
const ACCEPT = { action: "accept", content: { name: "Ada" } } as const;
const never = new AbortController().signal;

function desk(options: ElicitationOptions = {}, clock = new FakeClock()) {
  const asked: ElicitationRequest[] = [];
  const ask: ElicitationOptions["ask"] = async (request) => {
    asked.push(request);
    return ACCEPT;
  };
  return { made: new ElicitationDesk({ ask, ...options }, clock), asked, clock };
}

describe("a question of a server", () => {
  test("is declined while that is set, whatever else holds", async () => {
    const { made, asked } = desk({ policy: () => ({ acceptsPermissions: true }) });
    made.denies = true;
    expect(await made.put(CONSENT, never)).toEqual({ action: "decline" });
    expect(asked).toEqual([]);
  });

  test.each([
    ["a form without fields", CONSENT, { action: "accept", content: {} }],
    ["a form with fields", FORM, ACCEPT],
    ["a URL", URL_VISIT, ACCEPT],
  ])("that policy accepts without asking is consent alone: %s", async (_, request, reply) => {
    const { made, asked } = desk({ policy: () => ({ acceptsPermissions: true }) });
    expect(await made.put(request, never)).toEqual(reply);
    expect(asked).toEqual(request === CONSENT ? [] : [request]);
  });

  test("is declined by a policy that asks nobody, and where there is nobody to ask", async () => {
    const { made, asked } = desk({ policy: () => ({ asks: false }) });
    expect(await made.put(FORM, never)).toEqual({ action: "decline" });
    expect(asked).toEqual([]);
    expect(await desk({ ask: undefined }).made.put(FORM, never)).toEqual({ action: "decline" });
  });

  test("is the reviewer's before it is the user's", async () => {
    const { made, asked } = desk({ review: async ({ mode }) => (mode === "url" ? { action: "cancel" } : undefined) });
    expect(await made.put(URL_VISIT, never)).toEqual({ action: "cancel" });
    expect(await made.put(FORM, never)).toEqual(ACCEPT);
    expect(asked).toEqual([FORM]);
  });

  test("can be answered by its id, once", async () => {
    const { made } = desk({ ask: () => undefined });
    const reply = made.put(FORM, never);
    made.answer("1:1", ACCEPT);
    expect(await reply).toEqual(ACCEPT);
    expect(() => made.answer("1:1", ACCEPT)).toThrow("elicitation request not found");
  });

  test("that is never answered is cancelled when its time is up, and whoever was asked is told", async () => {
    let signal: AbortSignal | undefined;
    const { made, clock } = desk({
      ask: (_, aborted) => {
        signal = aborted;
        return new Promise(() => {});
      },
    });
    const reply = made.put(FORM, never);
    await clock.advance(600_000);
    expect(await reply).toEqual({ action: "cancel" });
    expect(signal?.aborted).toBe(true);
  });

  test("is cancelled when the server takes it back, and when nobody could be asked", async () => {
    const controller = new AbortController();
    const reply = desk({ ask: () => undefined }).made.put(FORM, controller.signal);
    controller.abort();
    expect(await reply).toEqual({ action: "cancel" });
    expect(await desk({ ask: () => Promise.reject(new Error("no terminal")) }).made.put(FORM, never)).toEqual({
      action: "cancel",
    });
  });

  test("is declined when 16 others of the same server wait, and not for those of another", async () => {
    const { made } = desk({ ask: () => undefined });
    const waiting = Array.from({ length: 16 }, (_, n) => made.put({ ...FORM, id: `1:${n}` }, never));
    expect(await made.put({ ...FORM, id: "1:16" }, never)).toEqual({ action: "decline" });
    const other = made.put({ ...FORM, id: "2:1", serverName: "T" }, never);
    made.answer("2:1", ACCEPT);
    expect(await other).toEqual(ACCEPT);
    for (const n of waiting.keys()) made.answer(`1:${n}`, ACCEPT);
    await Promise.all(waiting);
  });

  test("may come before the server is ready, and its policy holds over a refresh", async () => {
    await using folder = await tempDir();
    await using environments = new Places();
    await environments.embed();
    const asked: ElicitationRequest[] = [];
    await using servers = mcpServers({ environments, elicitation: { ask: (request) => void asked.push(request) } });
    const pids = folder.join("pids");
    const refreshing = servers.refresh([stub("asks", { name: "S", pids, required: true })]);
    await until(() => asked.length === 1);
    expect(servers.current.generation).toBe(0);
    servers.answerElicitation(asked[0]?.id ?? "", { action: "accept", content: {} });
    const manager = await refreshing;
    expect(manager.server("S").state).toBe("ready");
    servers.deniesElicitations = true;
    const next = await servers.refresh([stub("asks", { name: "S", pids, label: "1" })]);
    expect((await next.started()).ready).toEqual(["S"]);
    expect(asked).toHaveLength(1);
    const replies = notes(pids)
      .filter(({ word }) => word.startsWith("{"))
      .map(({ word }) => JSON.parse(word).result);
    expect(replies).toEqual([{ action: "accept", content: {} }, { action: "decline" }]);
  });
});
