import { RUNNING_REQUESTS_MAX, UNREAD_BYTES_MAX } from "@holdfast/app-server-protocol";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { HostClient } from "../../src/app-server/host-client.ts";
import type { HostServices } from "../../src/app-server/host-services.ts";
import { openHost } from "./open-host.ts";

const FLOOD = 20_000;
const ids = Array.from({ length: FLOOD }, (_, id) => id);

/** A server that answers `thread/compact/start` when it is let, and everything else at once. */
async function openHolding() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const clients: HostClient[] = [];
  const warnings: string[] = [];
  let services: HostServices | undefined;
  const host = await openHost({
    log: { warn: (line) => void warnings.push(line) },
    refusals: () => ({}),
    rooms: (given) => {
      services = given;
      const held = async () => {
        await promise;
        return {};
      };
      const handlers = {
        "thread/compact/start": held,
        "mock/experimentalMethod": () => ({ echoed: "x".repeat(100_000) }),
      };
      return [{ handlers, joined: (client: HostClient) => void clients.push(client) }];
    },
  });
  return { host, release: resolve, clients, warnings, services: services as unknown as HostServices };
}

const HELD = { method: "thread/compact/start", params: { threadId: "t" } };

describe(`${FLOOD} requests at once`, () => {
  test("are answered, each of them, those beyond what may run as overload", async () => {
    const { host, release } = await openHolding();
    await using _ = host;
    const client = host.rawClient();
    await client.initialize();
    for (const id of ids) client.send({ id, ...HELD });
    await until(() => client.frames.length === 1 + FLOOD - RUNNING_REQUESTS_MAX);
    const overload = { error: { code: -32001, message: "Server overloaded; retry later." } };
    expect(client.messages.slice(1)).toEqual(ids.slice(RUNNING_REQUESTS_MAX).map((id) => ({ id, ...overload })));
    release();
    await until(() => client.frames.length === 1 + FLOOD);
    expect(client.messages.slice(-RUNNING_REQUESTS_MAX)).toEqual(
      ids.slice(0, RUNNING_REQUESTS_MAX).map((id) => ({ id, result: {} })),
    );
    expect(await client.answerTo({ id: "after", ...HELD })).toMatchObject({ result: {} });
  });

  test("hold up no other client", async () => {
    const { host, release } = await openHolding();
    await using _ = host;
    const [flood, other] = [host.rawClient(), host.rawClient()];
    for (const client of [flood, other]) await client.initialize();
    for (const id of ids) flood.send({ id, ...HELD });
    const read = { method: "mock/experimentalMethod", params: {} };
    expect(await other.answerTo({ id: 1, ...read })).toHaveProperty("result");
    release();
  });
});

describe("a client that does not read", () => {
  test("is not read any more, and has all of its answers once it reads", async () => {
    const { host } = await openHolding();
    await using _ = host;
    await using listener = await listenWebSocket({
      host: "127.0.0.1",
      port: 0,
      onPort: (port) => host.server.accept(port),
    });
    const count = 1_000;
    const port = await connectWebSocket(listener.url);
    const answers: unknown[] = [];
    const closed: unknown[] = [];
    port.open({
      frame: (frame) =>
        answers.push(
          (JSON.parse(String(frame instanceof Uint8Array ? Buffer.from(frame) : frame)) as { id: unknown }).id,
        ),
      drained: () => {},
      closed: (close) => void closed.push(close),
    });
    port.send(
      JSON.stringify({
        id: "i",
        method: "initialize",
        params: { clientInfo: { name: "n", version: "1" }, capabilities: { experimentalApi: true } },
      }),
    );
    await until(() => answers.length === 1);
    port.pause();
    for (const id of ids.slice(0, count))
      port.send(JSON.stringify({ id, method: "mock/experimentalMethod", params: {} }));
    await until(() => port.queuedBytes === 0 || answers.length === 1);
    port.resume();
    await until(() => answers.length === 1 + count);
    expect(answers.slice(1)).toEqual(ids.slice(0, count));
    expect(closed).toEqual([]);
    port.close(1000, "done");
  });

  test("and is told more than may wait for it is closed with the reason, and the operator hears of it", async () => {
    const { host, clients, warnings, services } = await openHolding();
    await using _ = host;
    const [stuck, other] = [host.rawClient(), host.rawClient()];
    for (const client of [stuck, other]) await client.initialize();
    stuck.stopReading();
    const message = "x".repeat(1_048_576);
    const before = services.clients.list().length;
    for (let count = 0; count * message.length <= UNREAD_BYTES_MAX + message.length; count += 1) {
      clients[0]?.notify("warning", { message });
    }
    await until(() => services.clients.list().length === before - 1);
    expect(warnings).toEqual([
      `the connection of raw is closed: the client does not read: more than ${UNREAD_BYTES_MAX} bytes wait for it`,
    ]);
    expect(await other.answerTo({ id: 1, method: "nothing" })).toHaveProperty("error");
  });
});

test("a bug in a handler is an internal error to the client, and the operator reads of it", async () => {
  const warnings: string[] = [];
  await using host = await openHost({
    log: { warn: (line) => void warnings.push(line) },
    refusals: () => ({}),
    rooms: () => [
      {
        handlers: {
          "thread/compact/start": () => {
            throw new Error("a bug with a secret");
          },
        },
      },
    ],
  });
  const client = host.rawClient();
  await client.initialize();
  expect(await client.answerTo({ id: 1, ...HELD })).toEqual({
    id: 1,
    error: { code: -32603, message: "internal error" },
  });
  expect(warnings).toEqual([expect.stringContaining("a bug in thread/compact/start: Error: a bug with a secret")]);
});
