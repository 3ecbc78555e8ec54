import { connect, type Executor } from "@holdfast/exec-client";
import { HOLDFAST_BIN, temporaryFolder } from "../places.ts";
import { type ServedExecutor, serveExecutor } from "../served-executor.ts";
import { pause } from "./pause.ts";
import { usageOf } from "./process-table.ts";

/** What an executor is made to do while its memory and its file descriptors are looked at. */
export interface GrowthOptions {
  /** `serve --session-ttl`, seconds; undefined: its default. */
  readonly sessionTtl: number | undefined;
  /** Short processes per round. */
  readonly processes: number;
  /** Notices of output per round. */
  readonly messages: number;
  readonly rounds: number;
  /** Pause after each round, seconds: what is kept of closed processes is let go meanwhile. */
  readonly settleSeconds: number;
}

/** Twice the same, because memory that is kept for reuse looks like growth the first time. */
export const GROWTH = { processes: 10_000, messages: 1_000_000, rounds: 2, settleSeconds: 123 } as const;

const IN_FLIGHT = 16;
const MARKS_PER_LOAD = 5;
/** Each write of the talkative process is as small as can be, so that its notices are many. */
const TALK = ["/bin/sh", "-c", "while :; do echo message; done"];

/** Run many processes and messages over one connection, and print a row at each mark. */
export async function growth(options: GrowthOptions): Promise<void> {
  await using folder = await temporaryFolder();
  const ttl = options.sessionTtl === undefined ? [] : ["--session-ttl", String(options.sessionTtl)];
  await using served = await serveExecutor({
    program: process.execPath,
    args: [HOLDFAST_BIN, "serve", "--listen", "ws://127.0.0.1:0", ...ttl],
    cwd: folder.path,
    env: process.env,
  });
  await using executor = await connect(served.url);
  const print = printer(served);
  await print("start");
  for (let round = 1; round <= options.rounds; round += 1) {
    await shortProcesses(executor, options.processes, (done) => print(`round ${round}: ${done} processes`));
    await messages(executor, options.messages, (done) => print(`round ${round}: ${done} messages`));
    await pause(options.settleSeconds * 1000);
    await print(`round ${round}: ${options.settleSeconds} s later`);
  }
}

function printer(served: ServedExecutor): (what: string) => Promise<void> {
  const startMs = performance.now();
  console.log("| after | s | RSS, MiB | fds |\n| ----- | - | -------- | --- |");
  return async (what) => {
    const { rssMiB, fdCount } = await usageOf(served.pid);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    console.log(`| ${what} | ${seconds} | ${rssMiB?.toFixed(0) ?? "?"} | ${fdCount ?? "?"} |`);
  };
}

type Mark = (done: number) => Promise<void>;

async function shortProcesses(executor: Executor, count: number, mark: Mark): Promise<void> {
  const markEvery = Math.ceil(count / MARKS_PER_LOAD);
  for (let done = 0; done < count; ) {
    const untilMark = Math.min(done + markEvery, count);
    const runMany = async (): Promise<void> => {
      while (done < untilMark) {
        done += 1;
        await executor.run(["/bin/echo", "short"]);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, runMany));
    await mark(done);
  }
}

async function messages(executor: Executor, count: number, mark: Mark): Promise<void> {
  const markEvery = Math.ceil(count / MARKS_PER_LOAD);
  await using talker = await executor.processes.start({ argv: TALK });
  for await (const { seq } of talker.events()) {
    if (seq % markEvery === 0) await mark(seq);
    if (seq >= count) break;
  }
}
