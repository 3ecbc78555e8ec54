import { FakeClock, leakGuard, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import type { ExecutorState } from "../../src/executor.ts";
import { collectAll } from "../support/connected.ts";
import { FakeExecServer, NO_ANSWER } from "../support/fake-exec-server.ts";
import { ModelExecutor, type Step } from "../support/model-executor.ts";
import { RelayedExecutor, type StreamPort } from "../support/relayed-executor.ts";

const CUTS = 8;
const STEPS_BETWEEN = 8;
const QUICKLY = { recovery: { retryIntervalMs: 1 } };

type Harm = (relay: RelayedExecutor) => void;

/** The next record is changed as told on its way. */
function tampering(change: (frame: Uint8Array<ArrayBuffer>, sequence: number) => readonly Uint8Array[]): Harm {
  return ({ last }) => {
    last.tamper = (frame, sequence) => {
      last.tamper = undefined;
      return change(frame, sequence);
    };
  };
}

/** The last byte of a data frame is the last of its record's tag. */
function flipped(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  frame[frame.length - 1] = (frame.at(-1) ?? 0) ^ 1;
  return frame;
}

const HARMS: readonly [string, Harm][] = [
  ["cut in the middle of output", (relay) => relay.cut()],
  ["reset", ({ last }) => last.say({ kind: "reset", reason: "noise_relay_protocol_error" })],
  ["changed by a bit", tampering((frame) => [flipped(frame)])],
  ["cut short", tampering((frame) => [frame.subarray(0, frame.length - 1)])],
  [
    "mixed with records that somebody else made",
    ({ last }) => last.say({ kind: "data", sequence: 1_000_000, payload: new Uint8Array(100) }),
  ],
];

test.each(HARMS)("a stream that is %s heals, and nothing is lost or doubled", async (_name, harm) => {
  await using _ = leakGuard();
  const outputs: Step[] = Array.from({ length: (CUTS + 1) * STEPS_BETWEEN }, (_, index) => ({ output: `${index};` }));
  const model = new ModelExecutor({ job: [...outputs, { exit: 0 }, "close"] });
  await using relay = await RelayedExecutor.start((port) => void new FakeExecServer(port, model.handlers));
  const states: ExecutorState[] = [];
  await using executor = await connect(relay.address, {
    ...QUICKLY,
    onStateChange: (state) => void states.push(state),
  });
  const process = await executor.processes.start({ argv: ["job"], pipeStdin: true });
  const events = collectAll(process.events());
  const written: string[] = [];
  const writes: Promise<void>[] = [];
  for (let cut = 1; cut <= CUTS; cut += 1) {
    written.push(`line ${cut}\n`);
    writes.push(process.write(`line ${cut}\n`));
    const before = states.length;
    harm(relay);
    for (let step = 0; step < STEPS_BETWEEN; step += 1) model.step();
    await until(() => states.length > before && executor.state === "connected");
  }
  while (model.step());
  await Promise.all(writes);
  const all = await events;
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: outputs.length + 2 }, (_, index) => index + 1));
  const text = all.map((event) => (event.type === "output" ? Buffer.from(event.data).toString() : "")).join("");
  expect(text).toBe(outputs.map((_, index) => `${index};`).join(""));
  expect(model.processes.get(process.id)?.written).toEqual(written);
  expect(relay.streams).toHaveLength(CUTS + 1);
});

test("records that are doubled or swapped on their way change nothing", async () => {
  const model = new ModelExecutor({
    job: [...Array.from({ length: 40 }, (_, at) => ({ output: `${at};` })), { exit: 0 }, "close"],
  });
  await using relay = await RelayedExecutor.start((port) => void new FakeExecServer(port, model.handlers));
  await using executor = await connect(relay.address, QUICKLY);
  const process = await executor.processes.start({ argv: ["job"] });
  const events = collectAll(process.events());
  let held: Uint8Array | undefined;
  relay.last.tamper = (frame) => {
    if (held === undefined) {
      held = frame;
      return [];
    }
    const earlier = held;
    held = undefined;
    return [frame, earlier, frame, earlier];
  };
  while (model.step());
  const text = (await events)
    .map((event) => (event.type === "output" ? Buffer.from(event.data).toString() : ""))
    .join("");
  expect(text).toBe(Array.from({ length: 40 }, (_, at) => `${at};`).join(""));
  expect(relay.streams).toHaveLength(1);
});

test("a relay that went silent is noticed and replaced", async () => {
  await using _ = leakGuard();
  const clock = new FakeClock();
  const handlers = { "fs/readFile": () => ({ dataBase64: "YQ==" }) };
  const servers: FakeExecServer[] = [];
  await using relay = await RelayedExecutor.start((port) => void servers.push(new FakeExecServer(port, handlers)));
  await using executor = await connect(relay.address, { clock });
  expect(await executor.fs.readTextFile("/a")).toBe("a");
  // It reads nothing and answers no ping.
  relay.last.socket.pause();
  const asked = executor.fs.readTextFile("/a");
  let silentMs = 0;
  for (; silentMs < 60_000 && executor.state === "connected"; silentMs += 1_000) await clock.advance(1_000);
  expect(silentMs).toBeGreaterThanOrEqual(15_000);
  expect(silentMs).toBeLessThanOrEqual(40_000);
  await until(() => relay.streams.length === 2 && executor.state === "connected");
  expect(await asked).toBe("a");
});

test("a slow reader is felt by the executor, through the relay's socket, and gets everything", {
  timeout: 60_000,
}, async () => {
  // More than what waits here before the line is held, and what the sockets between take.
  const total = 88;
  const chunk = "x".repeat(1_048_576);
  let stream: StreamPort | undefined;
  let server: FakeExecServer | undefined;
  await using relay = await RelayedExecutor.start((port) => {
    stream = port;
    server = new FakeExecServer(port, { "process/read": () => NO_ANSWER });
  });
  await using executor = await connect(relay.address, QUICKLY);
  const process = await executor.processes.start({ argv: ["job"], processId: "p" });
  const reader = process.stdout.getReader();
  if (stream === undefined || server === undefined) throw new Error("there is no stream");
  for (let seq = 1; seq <= total; seq += 1) server.output("p", seq, chunk);
  server.exited("p", total + 1);
  server.finished("p", total + 2);
  await until(() => stream !== undefined && stream.queuedBytes > 0);
  let queued = -1;
  await until(async () => {
    const before = queued;
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    queued = stream?.queuedBytes ?? 0;
    return queued === before;
  });
  expect(queued).toBeGreaterThan(1_048_576);
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.byteLength;
  expect(bytes).toBe(total * chunk.length);
  expect(relay.streams).toHaveLength(1);
});

test("processes share one line, and bodies of HTTP have four at most, which are kept", async () => {
  await using _ = leakGuard();
  let requests = 0;
  const hold: (() => void)[] = [];
  await using relay = await RelayedExecutor.start((port) => {
    const server = new FakeExecServer(port, {
      "http/request": ({ requestId }: { requestId: string } & object) => {
        requests += 1;
        hold.push(() =>
          server.notify("http/request/bodyDelta", { requestId, seq: 1, deltaBase64: "YQ==", done: true }),
        );
        return { status: 200, headers: [], bodyBase64: "" };
      },
    } as never);
  });
  await using executor = await connect(relay.address, QUICKLY);
  await executor.processes.start({ argv: ["one"] });
  await executor.processes.start({ argv: ["other"] });
  expect(relay.streams).toHaveLength(1);
  const together = async (count: number): Promise<void> => {
    const before = requests;
    const answers = Array.from({ length: count }, () => executor.fetch("http://127.0.0.1/"));
    await until(() => requests === before + count);
    for (const finish of hold.splice(0)) finish();
    for (const answer of answers) expect(await (await answer).text()).toBe("a");
  };
  await together(1);
  expect(relay.streams).toHaveLength(2);
  await together(7);
  expect(relay.streams).toHaveLength(5);
  await together(4);
  expect(relay.streams).toHaveLength(5);
});

test("nothing that is said is on the wire in clear", async () => {
  const handlers = { "fs/readFile": () => ({ dataBase64: Buffer.from("the answer").toString("base64") }) };
  await using relay = await RelayedExecutor.start((port) => {
    new FakeExecServer(port, handlers);
    port.tamper = (frame) => {
      expect(Buffer.from(frame).toString("latin1")).not.toMatch(/dataBase64|sessionId|dGhlIGFuc3dlcg/u);
      return [frame];
    };
  });
  await using executor = await connect(relay.address);
  expect(await executor.fs.readTextFile("/a")).toBe("the answer");
});
