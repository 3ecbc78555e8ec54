import type { FramePort } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import type { RunningProcess } from "../../src/process/running-process.ts";
import { collectAll, settle } from "../support/connected.ts";
import { FakeExecServer } from "../support/fake-exec-server.ts";
import { breakingPort, ModelExecutor, type Step } from "../support/model-executor.ts";

const SCRIPT: readonly Step[] = [{ output: "one" }, { output: "two" }, { exit: 3 }, { output: "late" }, "close"];
const EXPECTED = ["1 output one", "2 output two", "3 exited", "4 output late", "5 closed"];
const INPUT = ["a", "b", "c"];

interface Run {
  readonly events: string[];
  readonly written: string[];
  /** Processes that nobody asked to keep, and that were not terminated. */
  readonly orphans: number;
  readonly dials: number;
}

/** One process with known output and input, on lines that break after these numbers of messages, then on a sound one. */
async function runThrough(breaksAfter: readonly number[]): Promise<Run> {
  const model = new ModelExecutor({ job: SCRIPT });
  const clock = new FakeClock();
  let dials = 0;
  const dial = async (): Promise<FramePort> => {
    const [near, far] = memoryLink();
    const breakAfter = breaksAfter[dials] ?? Number.POSITIVE_INFINITY;
    dials += 1;
    new FakeExecServer(breakingPort(far, breakAfter), model.handlers);
    return near;
  };
  const executor = await connect({ dial }, { clock, processConnections: "shared" });
  const process = await startSurely(() => executor.processes.start({ argv: ["job"], pipeStdin: true }), clock);
  const written = INPUT.map((text) => process.write(text));
  const events = collectAll(process.events());
  while (model.step()) await settle();
  for (let round = 0; round < 20 && dials <= breaksAfter.length; round += 1) await clock.advance(100);
  await clock.advance(1_000);
  await Promise.all(written);
  const told = (await events).map((event) =>
    [event.seq, event.type, ...(event.type === "output" ? [Buffer.from(event.data).toString()] : [])].join(" "),
  );
  await settle();
  const kept = model.processes.get(process.id);
  const orphans = [...model.processes].filter(([id, { terminated }]) => id !== process.id && !terminated).length;
  await executor.close();
  return { events: told, written: kept?.written ?? [], orphans, dials };
}

/** A start whose answer is lost is ambiguous by contract: the caller decides to start another one. */
async function startSurely(start: () => Promise<RunningProcess>, clock: FakeClock): Promise<RunningProcess> {
  for (;;) {
    const outcome = start().catch((error: unknown) => error);
    await settle();
    await clock.advance(300);
    const process = await outcome;
    if (!(process instanceof Error)) return process as RunningProcess;
    expect(process).toMatchObject({ name: "LinkError", delivery: "unknown" });
  }
}

/** The first line has to carry the first handshake: it is not retried. */
const HANDSHAKE_MESSAGES = 3;

test("wherever the line breaks, and wherever the next one does, all events come once and no input is doubled", async () => {
  const whole = { events: EXPECTED, written: INPUT, orphans: 0 };
  const sound = await runThrough([]);
  expect(sound).toEqual({ ...whole, dials: 1 });
  let broke = 0;
  for (let first = HANDSHAKE_MESSAGES + 1; first <= 24; first += 1) {
    for (let second = 1; second <= 14; second += 1) {
      const { dials, ...run } = await runThrough([first, second]);
      expect(run, `lines break after ${first} and ${second} messages`).toEqual(whole);
      broke += dials - 1;
    }
  }
  expect(broke).toBeGreaterThan(300);
});
