import type { FramePort } from "@holdfast/rpc";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, FakeClock, leakGuard, until } from "@holdfast/testkit";
import {
  closesAfter,
  FakeExecServer,
  type Handlers,
  neverUpgrades,
  type RawServer,
  refusesResume,
  stallsAfterHalfFrame,
} from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { type ConnectOptions, connect } from "../../src/connect.ts";
import { collectAll, text } from "../support/connected.ts";
import { ModelExecutor, type Step } from "../support/model-executor.ts";

const JOB: readonly Step[] = [{ output: "one" }, { output: "two" }, { output: "three" }, { exit: 3 }, "close"];
const TOLD = ["1 one", "2 two", "3 three", "4 exited", "5 closed"];

/** A client behind a bad line, over real sockets. */
async function behind(more: Handlers = {}, options: ConnectOptions = {}) {
  const model = new ModelExecutor({ job: JOB });
  const onPort = (port: FramePort): void => void new FakeExecServer(port, { ...model.handlers, ...more });
  const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort });
  const line = await BadLine.to(listener.url);
  const executor = await connect(line.url, {
    recovery: { retryIntervalMs: 1 },
    processConnections: "shared",
    ...options,
  });
  const process = await executor.processes.start({ argv: ["job"], pipeStdin: true });
  const events = collectAll(process.events()).then((all) =>
    all.map((event) => `${event.seq} ${event.type === "output" ? text(event.data) : event.type}`),
  );
  events.catch(() => {});
  const dispose = async (): Promise<void> => {
    await executor.close();
    await line[Symbol.asyncDispose]();
    await listener.close();
  };
  return { model, line, executor, process, events, [Symbol.asyncDispose]: dispose };
}

/** Bytes of one direction that a whole life of the job takes, its input included. */
async function bytesOfOneLife(direction: "up" | "down"): Promise<number> {
  await using client = await behind();
  const before = client.line.bytesOf(direction);
  await client.process.write("in");
  while (client.model.step());
  await client.events;
  return client.line.bytesOf(direction) - before;
}

describe.each(["up", "down"] as const)("a line that is cut in the middle of a frame %s", (direction) => {
  test("wherever that is, loses no event and no input, and doubles none", async () => {
    await using _ = leakGuard();
    const bytes = await bytesOfOneLife(direction);
    expect(bytes).toBeGreaterThan(50);
    for (let at = 0; at < bytes; at += Math.ceil(bytes / 40)) {
      await using client = await behind();
      client.line.cutAfter(direction, at);
      const written = client.process.write("in");
      while (client.model.step());
      await written;
      expect(await client.events, `cut after ${at} bytes`).toEqual(TOLD);
      expect(client.model.processes.get(client.process.id)?.written).toEqual(["in"]);
      // The executor's own frames may all have passed when the answer to the last input is what was cut.
      await until(() => client.line.connectionCount === 2 && client.executor.state === "connected");
    }
  });
});

test("a line that refuses newcomers for a while is tried until it takes them", async () => {
  await using _ = leakGuard();
  await using client = await behind();
  client.line.refuse();
  client.line.cut();
  await until(() => client.line.refusedCount >= 5);
  expect(client.executor.state).toBe("recovering");
  while (client.model.step());
  client.line.admit();
  expect(await client.events).toEqual(TOLD);
});

test("a session that stays attached elsewhere leaves no sockets of its many attempts behind", async () => {
  await using _ = leakGuard();
  let attempts = 0;
  const handlers = refusesResume(-32010, () => {
    attempts += 1;
    return attempts > 50;
  });
  await using client = await behind(handlers);
  client.line.cut();
  await until(() => attempts > 50 && client.executor.state === "connected");
  await until(() => client.line.openCount === 1);
});

const FIRST_LINES: [string, () => Promise<RawServer>, object][] = [
  ["closes after the accept", () => closesAfter("accept"), { name: "LinkError", code: "closed", delivery: "not-sent" }],
  [
    "closes after the upgrade",
    () => closesAfter("upgrade"),
    { name: "LinkError", code: "closed", method: "initialize" },
  ],
  ["accepts and never upgrades", neverUpgrades, { name: "TimeoutError", code: "timeout", delivery: "not-sent" }],
  ["stalls after half a frame", stallsAfterHalfFrame, { name: "TimeoutError", code: "timeout", method: "initialize" }],
];

describe("a server that", () => {
  test.each(FIRST_LINES)("%s is an error of connect, and nothing is left open", async (_name, serve, error) => {
    await using _ = leakGuard();
    await using server = await serve();
    const clock = new FakeClock();
    const failed = connect(server.url, { clock }).catch((reason: unknown) => reason);
    await until(() => server.connectionCount === 1);
    await passTime(clock, failed);
    expect(await failed).toMatchObject(error);
    expect(server.connectionCount).toBe(1);
    await isLetGo(server, serve);
  });

  test.each(FIRST_LINES)(
    "%s in place of the old one is tried until the deadline, and each line is closed",
    async (_name, serve) => {
      await using _ = leakGuard();
      const clock = new FakeClock();
      await using bad = await serve();
      const model = new ModelExecutor({ job: JOB });
      const listener = await listenWebSocket({
        host: "127.0.0.1",
        port: 0,
        onPort: (port) => void new FakeExecServer(port, model.handlers),
      });
      const urls = [listener.url];
      await using executor = await connect(
        { dial: ({ signal }) => connectWebSocket(urls.shift() ?? bad.url, { signal, clock, connectTimeoutMs: 1_000 }) },
        { clock, initializeTimeoutMs: 1_000, recovery: { deadlineMs: 3_000 }, processConnections: "shared" },
      );
      const process = await executor.processes.start({ argv: ["job"] });
      await listener.close();
      await passTime(clock, executor.closed);
      await expect(process.closed).rejects.toMatchObject({
        name: "LinkError",
        message: expect.stringContaining("recovery timed out after 3 s"),
      });
      expect(bad.connectionCount).toBeGreaterThan(1);
      await isLetGo(bad, serve);
    },
  );
});

/** Move time on until this has settled, slowly enough for real sockets to keep pace: each step is a turn of theirs. */
async function passTime(clock: FakeClock, end: Promise<unknown>): Promise<void> {
  let settled = false;
  void end.then(() => {
    settled = true;
  });
  await until(
    async () => {
      if (!settled) await clock.advance(20);
      return settled;
    },
    { intervalMs: 1, deadlineMs: 25_000 },
  );
}

/** Half a frame hides the answer to a close: such a line is closed here, and gone once its server gives it up. */
async function isLetGo(server: RawServer, serve: () => Promise<RawServer>): Promise<void> {
  if (serve !== stallsAfterHalfFrame) await until(() => server.openCount === 0);
}
