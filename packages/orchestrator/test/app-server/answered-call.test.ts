import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import { describe, expect, test } from "vitest";
import type { HostCall } from "../../src/app-server/host-client.ts";
import { openHost } from "./open-host.ts";

/** What a client gets of a handler that announces what is to come, and then does this. */
async function receivedOf(then: () => Promise<object> | object): Promise<readonly (string | number)[]> {
  const start = (_: unknown, call: HostCall) => {
    for (const message of ["first", "second"]) call.afterAnswer(() => call.client.notify("warning", { message }));
    return then();
  };
  await using host = await openHost({ rooms: () => [{ handlers: { "thread/compact/start": start } }] });
  const client = host.rawClient();
  await client.initialize();
  await client.answerTo({ id: 1, method: "thread/compact/start", params: { threadId: "t" } });
  await client.answerTo({ id: 2, method: "thread/nothing" });
  return client.messages.map(({ id, params }) => (id ?? (params as { message: string }).message) as string | number);
}

describe("what belongs behind an answer", () => {
  test("is sent behind it when the handler answers at once", async () => {
    expect(await receivedOf(() => ({}))).toEqual(["initialize", 1, "first", "second", 2]);
  });

  test("is sent right behind it when the handler answers later", async () => {
    const later = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return {};
    };
    expect(await receivedOf(later)).toEqual(["initialize", 1, "first", "second", 2]);
  });

  test.each(["at once", "later"])("is not sent behind a refusal %s", async (when) => {
    const refusal = new RpcFault(ERROR_CODES.InvalidRequest, "no");
    const refuse = () => {
      if (when === "later") return Promise.reject(refusal);
      throw refusal;
    };
    expect(await receivedOf(refuse)).toEqual(["initialize", 1, 2]);
  });
});
