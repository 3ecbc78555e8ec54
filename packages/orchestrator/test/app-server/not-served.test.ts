import { METHODS } from "@holdfast/app-server-protocol";
import { describe, expect, test } from "vitest";
import { NOT_SERVED } from "../../src/app-server/not-served.ts";
import { rooms } from "../../src/app-server/rooms.ts";
import { openHost } from "./open-host.ts";

const methods = NOT_SERVED.flatMap((group) => group.methods);

describe("a method that is known and not served", () => {
  test("stands in the table once, as a request of clients", () => {
    expect(new Set(methods).size).toBe(methods.length);
    for (const method of methods) expect(METHODS[method]).toMatchObject({ kind: "request", from: "client" });
  });

  test("is served by no room, and every other one is served", async () => {
    const served: string[] = [];
    await using _ = await openHost({
      rooms: (services) => {
        const open = rooms(services);
        served.push(...open.flatMap(({ handlers }) => Object.keys(handlers)));
        return open;
      },
    });
    const requests = Object.entries(METHODS).flatMap(([name, { kind, from }]) =>
      kind === "request" && from === "client" ? [name] : [],
    );
    expect([...served, ...methods, "initialize"].sort()).toEqual(requests.sort());
  });

  test("is refused with the reason", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await expect(client.call("memory/status", {})).rejects.toMatchObject({
      code: -32601,
      message:
        "memory/status is not served: nothing is remembered across threads here; what a model should know stands in AGENTS.md",
    });
  });

  test("is refused for its params first, and behind the same gate as what is served", async () => {
    await using host = await openHost();
    const client = host.rawClient();
    const params = { mode: "x" };
    expect(await client.answerTo({ id: 1, method: "thread/memoryMode/set", params })).toMatchObject({
      error: { code: -32600, message: expect.stringMatching(/^Invalid request: /) },
    });
    expect(await client.answerTo({ id: 2, method: "memory/status", params: {} })).toMatchObject({
      error: { code: -32600, message: "Not initialized" },
    });
    await client.initialize({});
    expect(await client.answerTo({ id: 3, method: "memory/status", params: {} })).toMatchObject({
      error: { code: -32600, message: "memory/status requires experimentalApi capability" },
    });
  });
});
