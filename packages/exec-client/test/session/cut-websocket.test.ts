import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FramePort } from "@holdfast/rpc";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, FakeClock, leakGuard, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import type { ExecutorState } from "../../src/executor.ts";
import { collectAll } from "../support/connected.ts";
import { FakeExecServer, NO_ANSWER } from "../support/fake-exec-server.ts";
import { ModelExecutor, type Step } from "../support/model-executor.ts";

const CUTS = 25;
const STEPS_BETWEEN_CUTS = 8;

function listen(onPort: (port: FramePort) => void) {
  return listenWebSocket({ host: "127.0.0.1", port: 0, onPort });
}

test("a websocket that is cut again and again loses no event and no input, and doubles none", async () => {
  await using _ = leakGuard();
  const outputs: Step[] = Array.from({ length: CUTS * STEPS_BETWEEN_CUTS }, (_, index) => ({ output: `${index};` }));
  const model = new ModelExecutor({ job: [...outputs, { exit: 0 }, "close"] });
  await using listener = await listen((port) => void new FakeExecServer(port, model.handlers));
  await using line = await BadLine.to(listener.url);
  const states: ExecutorState[] = [];
  await using executor = await connect(line.url, {
    processConnections: "shared",
    recovery: { retryIntervalMs: 1 },
    onStateChange: (state) => void states.push(state),
  });
  const process = await executor.processes.start({ argv: ["job"], pipeStdin: true });
  const events = collectAll(process.events());
  const written: string[] = [];
  const writes: Promise<void>[] = [];
  for (let cut = 1; cut <= CUTS; cut += 1) {
    written.push(`line ${cut}\n`);
    writes.push(process.write(`line ${cut}\n`));
    for (let step = 0; step < STEPS_BETWEEN_CUTS; step += 1) model.step();
    const before = states.length;
    line.cut();
    await until(() => states.length > before && executor.state === "connected");
  }
  while (model.step());
  await Promise.all(writes);
  const all = await events;
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: outputs.length + 2 }, (_, index) => index + 1));
  const text = all.map((event) => (event.type === "output" ? Buffer.from(event.data).toString() : "")).join("");
  expect(text).toBe(outputs.map((_, index) => `${index};`).join(""));
  expect(model.processes.get(process.id)?.written).toEqual(written);
  expect(line.connectionCount).toBeGreaterThan(CUTS);
});

test("a websocket that went silent is noticed and replaced; one that is merely quiet is left alone", async () => {
  await using _ = leakGuard();
  const model = new ModelExecutor({ job: [{ output: "after" }, { exit: 0 }, "close"] });
  const handlers = { ...model.handlers, "fs/readFile": () => ({ dataBase64: "YQ==" }) };
  await using listener = await listen((port) => void new FakeExecServer(port, handlers));
  await using line = await BadLine.to(listener.url);
  const clock = new FakeClock();
  await using executor = await connect(line.url, { clock, processConnections: "shared" });
  const process = await executor.processes.start({ argv: ["job"] });
  for (let quiet = 0; quiet < 6; quiet += 1) {
    await clock.advance(10_000);
    expect(await executor.fs.readTextFile("/a")).toBe("a");
  }
  expect(line.connectionCount).toBe(1);
  line.stall();
  const asked = executor.fs.readTextFile("/a");
  // In small steps: the next connection is real, and must not be timed out by a leap of this clock.
  let silentMs = 0;
  for (; silentMs < 60_000 && executor.state === "connected"; silentMs += 1_000) await clock.advance(1_000);
  expect(silentMs).toBeGreaterThanOrEqual(15_000);
  expect(silentMs).toBeLessThanOrEqual(40_000);
  await until(() => line.connectionCount === 2 && executor.state === "connected");
  expect(await asked).toBe("a");
  while (model.step());
  expect(await process.closed).toEqual({ exitCode: 0, sandboxDenied: false });
});

test("an executor that stays away fails the session at its deadline", async () => {
  await using _ = leakGuard();
  const model = new ModelExecutor({ job: [] });
  const listener = await listen((port) => void new FakeExecServer(port, model.handlers));
  await using executor = await connect(listener.url, { recovery: { deadlineMs: 60, retryIntervalMs: 10 } });
  const process = await executor.processes.start({ argv: ["job"] });
  await listener.close();
  await expect(process.closed).rejects.toMatchObject({
    name: "LinkError",
    message: expect.stringContaining("recovery timed out after 0.06 s"),
  });
  expect(executor.state).toBe("failed");
});

test("a program that waits for nothing but the next line does not end before it comes", async () => {
  await using _ = leakGuard();
  let lines = 0;
  await using listener = await listen((port) => {
    lines += 1;
    const isFirst = lines === 1;
    new FakeExecServer(port, {
      "fs/readFile": (_, server) => {
        if (!isFirst) return { dataBase64: Buffer.from("still here").toString("base64") };
        server.hangUp();
        return NO_ANSWER;
      },
      initialize: (_, server) => {
        if (lines !== 2) return { sessionId: "s", environmentInfo: { shell: { name: "sh", path: "/bin/sh" } } };
        // A pause without any socket follows.
        server.hangUp();
        return NO_ANSWER;
      },
    });
  });
  const program = fileURLToPath(new URL("../support/outlives-its-line.ts", import.meta.url));
  const child = spawn(process.execPath, ["--experimental-strip-types", "--no-warnings", program, listener.url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = collectAll(child.stdout);
  const [code] = await once(child, "exit");
  expect(Buffer.concat(await printed).toString()).toBe("still here");
  expect(code).toBe(0);
  expect(lines).toBe(3);
});
