import { describe, expect, test } from "vitest";
import type { HostClient } from "../../src/app-server/host-client.ts";
import { openHost } from "./open-host.ts";

const INITIALIZE = { method: "initialize", params: { clientInfo: { name: "raw", version: "1" } } };

function refusal(message: unknown) {
  return { error: { code: -32600, message } };
}

describe("a client", () => {
  test("introduces itself, and is told who it talks to", async () => {
    await using host = await openHost();
    await using client = await host.client({ clientInfo: { name: "inspector", version: "7" } });
    expect(client.serverInfo.codexHome).toBe(host.codexHome);
    expect(client.serverInfo.userAgent).toMatch(/^inspector\/1\.2\.3 \(.+; .+\) \S+ \(inspector; 7\)$/);
  });

  test("that asks for a method which nobody knows is told so", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await expect(client.call("thread/nothing", {})).rejects.toThrow(
      /^Invalid request: unknown variant `thread\/nothing`, expected one of `initialize`/,
    );
  });

  test("is served once it has introduced itself, without `initialized`, and introduces itself once", async () => {
    await using host = await openHost();
    const client = host.rawClient();
    const read = { method: "account/read", params: {} };
    expect(await client.answerTo({ id: 1, ...read })).toMatchObject(refusal("Not initialized"));
    expect(await client.answerTo({ id: 2, ...INITIALIZE, params: {} })).toMatchObject(
      refusal(expect.stringMatching(/^Invalid request: missing field `clientInfo`/)),
    );
    expect(await client.answerTo({ id: 3, ...INITIALIZE })).toMatchObject({ result: { codexHome: host.codexHome } });
    expect(await client.answerTo({ id: 4, ...read })).toMatchObject({ result: { account: null } });
    expect(await client.answerTo({ id: 5, ...INITIALIZE })).toMatchObject(refusal("Already initialized"));
  });

  test("is told what is wrong with a request before that it has not introduced itself", async () => {
    await using host = await openHost();
    const client = host.rawClient();
    expect(await client.answerTo({ id: 1, method: "nothing" })).toMatchObject(
      refusal(expect.stringMatching(/^Invalid request: unknown variant `nothing`/)),
    );
    expect(await client.answerTo({ id: 2, method: "account/read" })).toMatchObject(
      refusal("Invalid request: missing field `params`"),
    );
  });

  test("has a name that can be told to a provider, whatever its version is", async () => {
    await using host = await openHost();
    const client = host.rawClient();
    const named = (name: string, version = "1") => ({
      method: "initialize",
      params: { clientInfo: { name, version } },
    });
    expect(await client.answerTo({ id: 1, ...named("p\nx") })).toMatchObject(
      refusal("Invalid clientInfo.name: 'p\nx'. Must be a valid HTTP header value."),
    );
    expect(await client.answerTo({ id: 2, ...named("ä") })).toMatchObject(refusal(expect.stringContaining("'ä'")));
    expect(await client.answerTo({ id: 3, ...named("", "1\n") })).toMatchObject({
      result: { userAgent: expect.stringMatching(/^\/1\.2\.3 \(.+\) unknown \(; 1_\)$/) },
    });
  });

  test("is ready behind the answer, and gone with its connection", async () => {
    const events: string[] = [];
    const rooms = () => [
      {
        handlers: {},
        joined: (client: HostClient) => {
          events.push(`${client.name} joined`);
          client.notify("warning", { message: "welcome" });
        },
        left: (client: HostClient) => void events.push(`${client.name} left`),
      },
    ];
    await using host = await openHost({ rooms });
    const client = host.rawClient();
    await client.initialize();
    await client.answerTo({ id: 1, method: "nothing" });
    expect(client.messages.map(({ id, method }) => id ?? method)).toEqual(["initialize", "warning", 1]);
    client.close();
    await client.closed();
    await host.server.close();
    expect(events).toEqual(["raw joined", "raw left"]);
  });

  test("gets no notice that it has opted out of, by exact names, and answers all the same", async () => {
    let clients: readonly HostClient[] = [];
    await using host = await openHost({
      rooms: ({ clients: all }) => {
        const joined = () => {
          clients = all.list();
        };
        return [{ handlers: {}, joined }];
      },
    });
    const client = host.rawClient();
    await client.initialize({ optOutNotificationMethods: ["warning", "nobody/knows", "thread/*"] });
    clients[0]?.notify("warning", { message: "unwanted" });
    clients[0]?.notify("skills/changed", {});
    expect(await client.answerTo({ id: 1, method: "nothing" })).toMatchObject({ error: { code: -32600 } });
    expect(client.messages.map(({ id, method }) => id ?? method)).toEqual(["initialize", "skills/changed", 1]);
    expect(client.named("skills/changed")).toMatchObject([{ params: {}, emittedAtMs: expect.any(Number) }]);
  });

  test("that comes while the server ends is sent away with the reason", async () => {
    await using host = await openHost();
    const first = host.rawClient();
    const closed = host.server.close();
    const second = host.rawClient();
    for (const client of [first, second]) {
      expect(await client.closed()).toMatchObject({ reason: expect.stringContaining("the server is shutting down") });
    }
    await closed;
    expect(host.server.connectionCount).toBe(0);
  });
});
