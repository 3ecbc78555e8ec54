import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { type ConnectOptions, connect } from "../../src/connect.ts";
import type { Executor } from "../../src/executor.ts";
import { FakeExecServer, type Handler } from "./fake-exec-server.ts";

export interface Connected extends AsyncDisposable {
  readonly executor: Executor;
  readonly server: FakeExecServer;
  readonly clock: FakeClock;
}

/** A client on a scripted exec-server, over a memory link and with a clock that only the test moves. */
export async function connected(
  handlers: Record<string, Handler> = {},
  options: ConnectOptions = {},
): Promise<Connected> {
  const [near, far] = memoryLink();
  const clock = new FakeClock();
  const server = new FakeExecServer(far, handlers);
  const executor = await connect(near, { clock, ...options });
  return { executor, server, clock, [Symbol.asyncDispose]: () => executor.close() };
}

/** Let everything that is ready happen: microtasks and the memory link. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export async function collectAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function text(data: Uint8Array): string {
  return Buffer.from(data).toString("utf8");
}
