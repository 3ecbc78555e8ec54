import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { connectionEnd, type FarEnd } from "../../src/forward/far-end.ts";
import { join } from "../../src/forward/join.ts";
import type { ProcessEvent } from "../../src/process/events.ts";
import type { RunningProcess } from "../../src/process/running-process.ts";

const PIECE = new Uint8Array(65_536);
/** 64 MiB: far more than the system keeps for a connection. */
const PIECES = 1_024;

/** What the far side sends, and what is to be looked at when all of it was written. */
function sending(whenWritten: () => void): FarEnd {
  async function* events(): AsyncGenerator<ProcessEvent, void, void> {
    for (let seq = 1; seq <= PIECES; seq += 1) yield { type: "output", seq, stream: "stdout", data: PIECE };
    whenWritten();
    yield { type: "exited", seq: PIECES + 1, exitCode: 0, sandboxDenied: false };
    yield { type: "closed", seq: PIECES + 2 };
  }
  const nothing = async () => {};
  const far = { events, closed: nothing(), write: nothing, closeStdin: nothing, [Symbol.asyncDispose]: nothing };
  return connectionEnd(far as unknown as RunningProcess);
}

test("a connection that waits for its reader many times keeps no listener of each", async () => {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  await once(server, "listening");
  const reader = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  const [socket] = await accepted;
  let listeners = 0;
  const joined = join(socket, async () => sending(() => (listeners = socket.listenerCount("close"))));
  let received = 0;
  for await (const chunk of reader) received += (chunk as Buffer).byteLength;
  reader.end();
  await joined;
  expect(received).toBe(PIECES * PIECE.byteLength);
  expect(listeners).toBeLessThan(5);
  server.close();
  await once(server, "close");
});
