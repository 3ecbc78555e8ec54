import { listenWebSocket } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openHost } from "./open-host.ts";
import type { RawClient } from "./raw-client.ts";

/** What is answered to a frame: nothing, or what comes before the answer to the next request. */
async function answersTo(client: RawClient, ...frames: readonly string[]): Promise<readonly string[]> {
  const before = client.frames.length;
  for (const frame of frames) client.sendText(frame);
  await client.answerTo({ id: "behind it", method: "nothing" });
  return client.frames.slice(before, -1);
}

const READ = '"method":"windowsSandbox/readiness"';

describe("a frame", () => {
  test.each([
    "nonsense",
    "[]",
    `[{"id":1,${READ}}]`,
    "{}",
    '{"id":1}',
    "5",
    "null",
    '"text"',
    "",
    "{",
    `{"id":1,${READ}`,
    `{"id":1,${READ}}{"id":2,${READ}}`,
    `{"id":1,"id":2,${READ}}`,
    '{"id":1,"method":5}',
    `{"id":null,${READ}}`,
    `{"id":1.5,${READ}}`,
    `{"id":1.0,${READ}}`,
    `{"id":1e2,${READ}}`,
    `{"id":[1],${READ}}`,
    `{"id":true,${READ}}`,
    `{"id":9223372036854775808,${READ}}`,
    '{"method":"nothing"}',
    '{"method":"initialize","params":{}}',
    '{"id":99,"result":{}}',
    '{"id":99,"error":{"code":1,"message":"x"}}',
    '{"id":0,"error":5}',
    '{"id":"9","result":null}',
  ])("%s is answered by nothing, and changes nothing", async (frame) => {
    await using host = await openHost();
    const client = host.rawClient();
    await client.initialize();
    expect(await answersTo(client, frame, frame)).toEqual([]);
  });

  test.each(["0", "-5", "9007199254740993", "-9223372036854775808", "9223372036854775807", '""', '"ä\\u0000"', '"1"'])(
    "with the id %s is answered under it, digit for digit",
    async (id) => {
      await using host = await openHost();
      const client = host.rawClient();
      await client.initialize();
      const sent = `{"jsonrpc":"1.0","id":${id},${READ},"trace":{"traceparent":"x"},"other":[1]}`;
      expect(await answersTo(client, sent)).toEqual([`{"id":${id},"result":{"status":"notConfigured"}}`]);
    },
  );

  test.each([
    ["windowsSandbox/readiness", undefined, "result"],
    ["windowsSandbox/readiness", null, "result"],
    ["windowsSandbox/readiness", {}, "result"],
    ["windowsSandbox/readiness", [], "Invalid request: invalid type: sequence, expected unit"],
    ["account/read", undefined, "Invalid request: missing field `params`"],
    ["account/read", null, "Invalid request: missing field `params`"],
    ["account/read", 5, "Invalid request: invalid type: number, expected struct GetAccountParams"],
    ["account/read", { unknown: 1 }, "result"],
  ])("%s with the params %j is answered by %s", async (method, params, answer) => {
    await using host = await openHost();
    const client = host.rawClient();
    await client.initialize();
    const answered = await client.answerTo({ id: 1, method, params });
    if (answer === "result") expect(answered).toHaveProperty("result");
    else expect(answered).toMatchObject({ error: { code: -32600, message: answer } });
  });

  test("of bytes on a websocket is passed over, and one that is no text of UTF-8 as well", async () => {
    await using host = await openHost();
    await using listener = await listenWebSocket({
      host: "127.0.0.1",
      port: 0,
      onPort: (port) => host.server.accept(port),
    });
    const socket = new WebSocket(listener.url);
    const received: unknown[] = [];
    socket.addEventListener("message", ({ data }) => received.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send(new TextEncoder().encode('{"id":1,"method":"nothing"}'));
    socket.send(Uint8Array.of(0xff, 0xfe, 0));
    socket.send(new Uint8Array());
    socket.send('{"id":2,"method":"nothing"}{"id":3,"method":"nothing"}');
    socket.send('{"id":4,"method":"nothing"}');
    await until(() => received.length > 0);
    expect(received).toMatchObject([{ id: 4 }]);
    socket.close();
  });
});
