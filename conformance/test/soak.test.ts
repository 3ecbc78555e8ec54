import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startHoldfastExecutor } from "../src/holdfast-executor.ts";
import { temporaryFolder } from "../src/places.ts";
import { makePlan } from "../src/soak/plan.ts";
import { stillRunning } from "../src/soak/process-table.ts";
import { makeProgram, outputBytes, PROGRAM_KINDS, type Program } from "../src/soak/programs.ts";
import { seededRandom } from "../src/soak/random.ts";
import { percentile } from "../src/soak/report.ts";
import { soak } from "../src/soak/soak.ts";
import { Watchdog } from "../src/soak/watchdog.ts";
import { startTamperingProxy } from "./tampering-proxy.ts";

const OPTIONS = { seed: 7, cuts: 40, processes: 20, lines: 4 };

describe("a plan", () => {
  test("is the same for the same seed, and another one for another seed", () => {
    const inShort = (seed: number): unknown => {
      const { bytes, lines } = makePlan({ ...OPTIONS, seed });
      const cuts = lines.map((line) =>
        line.map(({ starts, ...cut }) => ({ ...cut, starts: starts.map(({ script, input }) => [script, input]) })),
      );
      return [createHash("sha256").update(bytes).digest("hex"), JSON.stringify(cuts)];
    };
    expect(inShort(7)).toEqual(inShort(7));
    expect(inShort(8)).not.toEqual(inShort(7));
  });

  test("has as many cuts and programs as were asked for, programs of every kind, spread over the lines", () => {
    for (const [cuts, processes] of [
      [40, 20],
      [10, 60],
      [1_000, 200],
    ] as const) {
      const { lines } = makePlan({ ...OPTIONS, cuts, processes });
      const programs = lines.flat().flatMap(({ starts }) => starts);
      expect(lines).toHaveLength(OPTIONS.lines);
      expect(lines.flat()).toHaveLength(cuts);
      expect(programs).toHaveLength(processes);
      expect(new Set(programs.map(({ kind }) => kind))).toEqual(new Set(PROGRAM_KINDS));
      for (const line of lines) expect(line.flatMap(({ starts }) => starts)).not.toEqual([]);
    }
  });
});

test("a process that runs on is found by its marker, one that ended is not", async () => {
  await using folder = await temporaryFolder();
  const marker = join(folder.path, "some.pid");
  const child = spawn("/bin/sh", ["-c", "echo $$; read line", marker], { stdio: ["pipe", "pipe", "ignore"] });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  child.once("exit", () => resolve());
  await writeFile(marker, `${child.pid}\n`);
  expect(await stillRunning(folder.path)).toEqual(["some.pid"]);
  child.stdin.end();
  await ended;
  expect(await stillRunning(folder.path)).toEqual([]);
});

test("a percentile of nothing is 0, and the whole share is the greatest value", () => {
  expect(percentile([], 0.5)).toBe(0);
  expect(percentile([3, 1, 2], 1)).toBe(3);
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
});

/** Run it here, without an executor between. */
async function outputOf({ script, input }: Program, bytesFile: string): Promise<[Buffer, Buffer, number | null]> {
  const child = spawn("/bin/sh", ["-c", script], { env: { ...process.env, BYTES: bytesFile } });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (data: Buffer) => out.push(data));
  child.stderr.on("data", (data: Buffer) => err.push(data));
  for (const data of input?.groups.flat() ?? []) child.stdin.write(data);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  const code = await promise;
  return [Buffer.concat(out), Buffer.concat(err), code];
}

test.concurrent("programs write what is known of them when nothing stands between", async () => {
  await using folder = await temporaryFolder();
  const random = seededRandom(1);
  const bytes = random.bytes(8 * 1_048_576);
  const bytesFile = join(folder.path, "bytes");
  await writeFile(bytesFile, bytes);
  const programs = PROGRAM_KINDS.map((kind) => makeProgram(kind, random, bytes)).filter(({ tty }) => !tty);
  await Promise.all(
    programs.map(async (program) => {
      const [out, err, code] = await outputOf(program, bytesFile);
      expect(out.equals(program.expected.get("stdout") ?? Buffer.alloc(0)), program.kind).toBe(true);
      expect(err.equals(program.expected.get("stderr") ?? Buffer.alloc(0)), program.kind).toBe(true);
      expect(code, program.kind).toBe(program.exitCode);
      expect(outputBytes(program)).toBe(out.length + err.length);
    }),
  );
});

test.concurrent("a soak in which nothing happens any more is ended, and says what it waits for", async () => {
  using watchdog = new Watchdog(50, () => ({ mark: "same", dump: () => "line-1.0: running" }));
  await expect(watchdog.guard(new Promise(() => {}))).rejects.toThrow(/nothing happened.*\n.*line-1\.0: running/);
});

test.concurrent("no byte is lost, doubled or moved, and no process left, when lines are cut 40 times under 20 processes", async () => {
  await using folder = await temporaryFolder();
  await using served = await startHoldfastExecutor(folder.path);
  const result = await soak(served, folder.path, makePlan(OPTIONS), { silenceMs: 15_000, maxFdGrowth: 8 });
  expect(result.failures).toEqual([]);
  expect(result).toMatchObject({ cuts: OPTIONS.cuts });
  expect(result.ok + result.gapTold).toBe(OPTIONS.processes);
  // A cut may fall into the recovery from the one before it, but each line was healed of its last one.
  expect(result.pausesMs.length).toBeGreaterThanOrEqual(OPTIONS.lines);
}, 120_000);

test.concurrent("a soak over a line that changes a byte of output here and there says so of the processes it hit", async () => {
  await using folder = await temporaryFolder();
  await using served = await startHoldfastExecutor(folder.path);
  let outputs = 0;
  await using proxy = await startTamperingProxy(served.url, (message) => {
    if (!message.includes('"process/output"')) return message;
    outputs += 1;
    if (outputs % 5 !== 0) return message;
    // Short output is base64 in the JSON, long output comes behind it as it is.
    const chunk = message.indexOf('"chunk":"');
    const at = chunk === -1 ? message.length - 1 : chunk + '"chunk":"'.length;
    message[at] = message[at] === 0x51 ? 0x52 : 0x51;
    return message;
  });
  const plan = makePlan({ seed: 1, cuts: 4, processes: 9, lines: 1 });
  const result = await soak({ ...served, url: proxy.url }, folder.path, plan, { silenceMs: 15_000 });
  expect(result.failures.length).toBeGreaterThan(0);
  for (const failure of result.failures) expect(failure).toMatch(/(stdout|stderr|pty) differs from byte \d+ on/);
}, 120_000);
