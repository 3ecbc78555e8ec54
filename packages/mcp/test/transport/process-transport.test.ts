import { LineTooLongError, ProcessInputError } from "@holdfast/exec-client";
import { FakeClock } from "@holdfast/testkit";
import type { JSONRPCMessage } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import type { ServerProcess } from "../../src/launch/server-process.ts";
import { messageOf } from "../../src/transport/message-of.ts";
import { ProcessTransport } from "../../src/transport/process-transport.ts";

const REQUEST: JSONRPCMessage = { jsonrpc: "2.0", id: 1, method: "ping" };

function transportOf(parts: Partial<ServerProcess>) {
  const clock = new FakeClock();
  const process: ServerProcess = {
    id: "p",
    pid: undefined,
    messages: (async function* () {
      await new Promise(() => {});
    })(),
    complaints: (async function* () {})(),
    exited: new Promise(() => {}),
    write: async () => {},
    end: async () => {},
    ...parts,
  };
  const transport = new ProcessTransport(process, { clock, heard: Promise.resolve() });
  const seen: JSONRPCMessage[] = [];
  transport.onmessage = (message) => void seen.push(message);
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve;
  });
  return { transport, seen, closed, clock };
}

async function* lines(...all: readonly string[]): AsyncGenerator<string, void, void> {
  yield* all;
}

test("takes the messages among what a server prints, and the last one without a line end", async () => {
  const message = JSON.stringify(REQUEST);
  const messages = lines(
    "Listening on stdio",
    "",
    "{",
    '{"jsonrpc":"1.0","id":1}',
    "[]",
    "null",
    `  ${message}`,
    message,
  );
  const { transport, seen, closed } = transportOf({ messages, exited: Promise.resolve({ exitCode: 4 }) });
  await transport.start();
  await closed;
  expect(seen).toEqual([REQUEST, REQUEST]);
  expect(transport.closeReason).toBe("the server ended with exit code 4");
  await expect(transport.send(REQUEST)).rejects.toThrow("the server ended with exit code 4");
});

test("closes 2 s after the exit of a server whose output is held open by what it left", async () => {
  const { transport, closed, clock } = transportOf({ exited: Promise.resolve({ exitCode: 0 }) });
  await transport.start();
  await Promise.resolve();
  await clock.advance(1_999);
  expect(transport.closeReason).toBeUndefined();
  await clock.advance(1);
  await closed;
  expect(transport.closeReason).toBe("the server ended with exit code 0");
});

test("closes when the server takes no input any more, and says why as far as that is known in half a second", async () => {
  const write = () => Promise.reject(new ProcessInputError("exited", "p"));
  const ended = transportOf({ write, exited: Promise.resolve({ exitCode: 9 }) });
  await expect(ended.transport.send(REQUEST)).rejects.toThrow("takes no input");
  expect(ended.transport.closeReason).toBe("the server ended with exit code 9");
  const alive = transportOf({ write });
  const sending = alive.transport.send(REQUEST);
  sending.catch(() => {});
  await Promise.resolve();
  await Promise.resolve();
  await alive.clock.advance(500);
  await expect(sending).rejects.toThrow("takes no input");
  expect(alive.transport.closeReason).toBe("the server takes no input any more");
});

test("refuses what a server that does not read can't be sent, 16 MiB behind", async () => {
  const { transport } = transportOf({ write: () => new Promise(() => {}) });
  const large: JSONRPCMessage = { ...REQUEST, params: { text: "x".repeat(10 * 2 ** 20) } };
  void transport.send(large);
  await expect(transport.send(large)).rejects.toThrow(
    /^the server does not read its input: 104\d{5} bytes wait for it already$/,
  );
});

test("says which bound a message breaks", async () => {
  // biome-ignore lint/correctness/useYield: it fails before it has anything
  const messages = (async function* (): AsyncGenerator<string, void, void> {
    throw new LineTooLongError("p", 16_777_216);
  })();
  const { transport, closed } = transportOf({ messages });
  await transport.start();
  await closed;
  expect(transport.closeReason).toBe("the server sent more than 16777216 bytes in one message");
});

test("has no reason of its own when it is closed from here, and hears nothing more", async () => {
  const { transport, closed } = transportOf({});
  await transport.start();
  await transport.close();
  await closed;
  await transport.close();
  expect(transport.closeReason).toBeUndefined();
  await expect(transport.send(REQUEST)).rejects.toThrow("the connection to the server was closed");
});

test.each([
  ['{"jsonrpc":"2.0","method":"m"}', true],
  ['{"jsonrpc":"2.0","id":1,"result":{}}', true],
  ['{"jsonrpc":"2.0","id":"a","error":{}}', true],
  ['{"jsonrpc":"2.0","id":1}', false],
  ['{"jsonrpc":"2.0","method":1}', false],
  ['{"jsonrpc":"2.0","result":{}}', false],
  ['{"method":"m"}', false],
  ['"jsonrpc"', false],
])("%s is a message: %s", (line, isOne) => {
  expect(messageOf(line) !== undefined).toBe(isOne);
});
