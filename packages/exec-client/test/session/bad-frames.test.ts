import type { FramePort } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { badFrames, dropFrames, duplicateFrames, FakeClock, LateGeneration, reorderFrames } from "@holdfast/testkit";
import { FakeExecServer, type Handlers } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import { collectAll, settle, text } from "../support/connected.ts";
import { ModelExecutor, type Step } from "../support/model-executor.ts";

const JOB: readonly Step[] = [{ output: "one" }, { output: "two" }, { output: "three" }, { exit: 3 }, "close"];
const TOLD = ["1 one", "2 two", "3 three", "4 exited", "5 closed"];

function isNotice(frame: string): boolean {
  return frame.includes('"method"');
}

/** A process with a known life, on lines that `spoil` makes bad. */
async function onLines(spoil: (port: FramePort) => FramePort, more: Handlers = {}) {
  const model = new ModelExecutor({ job: JOB });
  const clock = new FakeClock();
  const servers: FakeExecServer[] = [];
  const dial = async (): Promise<FramePort> => {
    const [near, far] = memoryLink();
    servers.push(new FakeExecServer(far, { ...model.handlers, ...more }));
    return spoil(near);
  };
  const executor = await connect({ dial }, { clock, processConnections: "shared" });
  const process = await executor.processes.start({ argv: ["job"], pipeStdin: true });
  const events = collectAll(process.events()).then((all) =>
    all.map((event) => `${event.seq} ${event.type === "output" ? text(event.data) : event.type}`),
  );
  const reads = (): number => servers.flatMap((server) => server.of("process/read")).length;
  return { model, clock, servers, executor, process, events, reads, [Symbol.asyncDispose]: () => executor.close() };
}

describe("frames of a live line", () => {
  test("that come twice, answers and notices alike, count once", async () => {
    await using line = await onLines((port) => badFrames(port, { inbound: duplicateFrames() }));
    await line.process.write("in");
    while (line.model.step());
    expect(await line.events).toEqual(TOLD);
    expect(line.reads()).toBe(0);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test("that are sent twice do their work once where that matters: input is not doubled", async () => {
    const isWrite = (frame: string): boolean => frame.includes("process/write");
    await using line = await onLines((port) => badFrames(port, { outbound: duplicateFrames(isWrite) }));
    await line.process.write("in");
    await line.process.write("more");
    expect(line.model.processes.get(line.process.id)?.written).toEqual(["in", "more"]);
    while (line.model.step());
    expect(await line.events).toEqual(TOLD);
  });

  test.each([1, 2, 3, 4])("are put in order when one comes %i frames late", async (later) => {
    const fault = reorderFrames((frame) => isNotice(frame) && frame.includes('"seq":1'), later);
    await using line = await onLines((port) => badFrames(port, { inbound: fault }));
    while (line.model.step());
    expect(await line.events).toEqual(TOLD);
    expect(line.reads()).toBe(0);
    expect(line.clock.pendingTimers).toBe(0);
  });

  test.each([1, 2, 3, 4])("are read back once when number %i never comes", async (seq) => {
    const fault = dropFrames((frame) => isNotice(frame) && frame.includes(`"seq":${seq}`));
    await using line = await onLines((port) => badFrames(port, { inbound: fault }));
    while (line.model.step());
    await settle();
    await line.clock.advance(249);
    expect(line.reads()).toBe(0);
    await line.clock.advance(1);
    expect(await line.events).toEqual(TOLD);
    expect(line.reads()).toBe(1);
    expect(await line.process.closed).toEqual({ exitCode: 3, sandboxDenied: false });
  });
});

describe("a frame of an older line", () => {
  test.each(["own", "newest"] as const)(
    "that comes on its %s line after the next one is up changes nothing",
    async (on) => {
      const late = new LateGeneration((frame) => isNotice(frame) && /"seq":[12]/.test(frame));
      await using line = await onLines((port) => late.wrap(port));
      line.model.step();
      line.model.step();
      await settle();
      expect(late.heldCount).toBe(2);
      line.servers[0]?.hangUp();
      await settle();
      await settle();
      expect(line.executor.state).toBe("connected");
      expect(line.servers).toHaveLength(2);
      late.release(on);
      while (line.model.step());
      expect(await line.events).toEqual(TOLD);
      expect(line.executor.state).toBe("connected");
    },
  );
});
