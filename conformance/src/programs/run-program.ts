import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connect, type Executor, RunInterruptedError, type RunningProcess } from "@holdfast/exec-client";
import { BadLine } from "@holdfast/testkit";
import { pause } from "../soak/pause.ts";
import { type KnownCommand, knownCommand, pattern } from "./commands.ts";
import { type Circumstances, inShort, isNotFound, isNotStarted, isPromised } from "./expected-errors.ts";
import { marked } from "./marked-processes.ts";
import type { Patience, RandomProgram, Step } from "./program.ts";

/** What programs run against. */
export interface ProgramHost {
  /** Of the executor. */
  readonly url: string;
  /** Of a web server that answers `/N` with N known bytes. */
  readonly origin: string;
  /** A folder for its files. */
  readonly folder: string;
}

/** How long one step may take to settle, milliseconds: every wait of the client is shorter, and the machine may be busy. */
const STEP_BOUND_MS = 60_000;
/** How long its processes may take to be gone, milliseconds: their session's time, and a busy machine. */
const GONE_BOUND_MS = 30_000;
/** Bytes that a slow reader takes before it does something else. */
const SLOW_STEP_BYTES = 200_000;
const IMPATIENT_NEVER: Patience = { abortMs: null, timeoutMs: null };

/** Run one program. @returns What was wrong: nothing, if all went as promised. */
export async function runProgram(program: RandomProgram, host: ProgramHost, name: string): Promise<string[]> {
  const folder = join(host.folder, name);
  await mkdir(folder);
  const run = new ProgramRun({ ...host, folder }, `HOLDFAST_PROGRAM=${name}`);
  return run.run(program);
}

class ProgramRun {
  readonly #host: ProgramHost;
  readonly #marker: string;
  readonly #problems: string[] = [];
  #cuts = 0;
  #files = 0;

  constructor(host: ProgramHost, marker: string) {
    this.#host = host;
    this.#marker = marker;
  }

  async run({ lists }: RandomProgram): Promise<string[]> {
    await using line = await BadLine.to(this.#host.url);
    const executor = await connect(line.url, { recovery: { deadlineMs: 20_000, retryIntervalMs: 20 } });
    await Promise.all(lists.map((steps, list) => this.#follow(executor, line, { steps, list })));
    await this.#within("close", executor.close());
    await this.#expectNothingLeft();
    return this.#problems;
  }

  async #follow(
    executor: Executor,
    line: BadLine,
    { steps, list }: { readonly steps: readonly Step[]; readonly list: number },
  ): Promise<void> {
    for (const [index, step] of steps.entries()) {
      await this.#within(`${list}.${index} ${JSON.stringify(step)}`, this.#take(executor, line, step));
    }
  }

  /** Every step settles, and what it rejects with was promised. */
  async #within(what: string, step: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), STEP_BOUND_MS);
    try {
      if ((await Promise.race([step, late])) === "late") this.#problems.push(`${what}: did not settle`);
    } catch (error) {
      this.#problems.push(`${what}: ${inShort(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async #take(executor: Executor, line: BadLine, step: Step): Promise<void> {
    switch (step.kind) {
      case "run":
        return this.#runCommand(executor, step);
      case "start":
        return this.#start(executor, step);
      case "file":
        return this.#file(executor, step);
      case "look":
        return this.#look(executor, step);
      case "fetch":
        return this.#fetch(executor, step);
      case "pause":
        return pause(step.ms);
      case "cut":
        this.#cuts += 1;
        line.cut();
        return;
      case "cut in a frame":
        this.#cuts += 1;
        line.cutAfter(step.direction, step.afterBytes);
        return;
    }
  }

  get #env() {
    const [name = "", value] = this.#marker.split("=");
    return { [name]: value };
  }

  #circumstances(patience: Patience): Circumstances {
    return { patience, wasCut: () => this.#cuts > 0 };
  }

  async #runCommand(executor: Executor, { command, ...patience }: Step & { readonly kind: "run" }): Promise<void> {
    const known = knownCommand(command);
    const { input, argv } = known;
    using giveUp = givingUp(patience);
    try {
      const options = { env: this.#env, encoding: "bytes", ...(input && { input }), ...giveUp.options } as const;
      const { stdout, exitCode } = await executor.run(argv, options);
      expectOutput(stdout, exitCode, known);
    } catch (error) {
      if (command.does === "nothing there" && isNotStarted(error)) return;
      if (error instanceof RunInterruptedError) expectBeginning(bytesOf(error.partial.stdout), known);
      if (!isPromised(error, this.#circumstances(patience))) throw error;
    }
  }

  async #start(executor: Executor, { command, read, end }: Step & { readonly kind: "start" }): Promise<void> {
    const known = knownCommand(command);
    const { input, argv } = known;
    try {
      const stdin = input === undefined ? {} : { stdin: "pipe" as const };
      await using process = await executor.processes.start({ argv, env: this.#env, ...stdin });
      // Its errors are those of the reading, too; whoever waits for nothing else must not miss them.
      const wrote = input === undefined ? Promise.resolve() : write(process, input);
      wrote.catch(() => {});
      const output = await outputOf(process, read);
      if (end === "terminate") await process.terminate();
      else if (end === "interrupt") await process.interrupt();
      else if (end === "wait" && (read === "events" || read === "stream" || read === "slowly")) {
        const { exitCode } = await process.closed;
        expectOutput(output, exitCode, known);
        await wrote;
      }
      expectBeginning(output, known);
    } catch (error) {
      if (command.does === "nothing there" && isNotStarted(error)) return;
      if (!isPromised(error, this.#circumstances(IMPATIENT_NEVER))) throw error;
    }
  }

  async #file(executor: Executor, { bytes, how, ...patience }: Step & { readonly kind: "file" }): Promise<void> {
    this.#files += 1;
    const path = join(this.#host.folder, String(this.#files));
    const content = pattern(bytes);
    using giveUp = givingUp(patience);
    const { timeoutMs: _, ...signal } = giveUp.options;
    const { fs } = executor;
    try {
      if (how === "whole") {
        await fs.writeFile(path, content, giveUp.options);
        expectSame(await fs.readFile(path, giveUp.options), content);
      } else {
        await new Blob([content]).stream().pipeTo(fs.createWriteStream(path, signal));
        const back = await new Response(fs.createReadStream(path, signal)).arrayBuffer();
        expectSame(new Uint8Array(back), content);
      }
    } catch (error) {
      if (!isPromised(error, this.#circumstances(patience))) throw error;
    }
  }

  async #look(executor: Executor, { at, ...patience }: Step & { readonly kind: "look" }): Promise<void> {
    const { folder } = this.#host;
    using giveUp = givingUp(patience);
    const { fs } = executor;
    try {
      if (at === "folder") await fs.readDirectory(folder, giveUp.options);
      else if (at === "walk") await fs.walk(folder, giveUp.options);
      else if (at === "missing") await fs.readFile(join(folder, "missing"), giveUp.options);
      else if (!(await fs.metadata(folder, giveUp.options)).isDirectory) throw new Error("the folder is none");
      if (at === "missing") throw new Error("what is missing was read");
    } catch (error) {
      if (at === "missing" && isNotFound(error)) return;
      if (!isPromised(error, this.#circumstances(patience))) throw error;
    }
  }

  async #fetch(executor: Executor, { bytes, read, ...patience }: Step & { readonly kind: "fetch" }): Promise<void> {
    using giveUp = givingUp(patience);
    try {
      const response = await executor.fetch(`${this.#host.origin}/${bytes}`, giveUp.options);
      if (read === "not at all") await response.body?.cancel();
      else expectSame(await collect(response.body, read), pattern(bytes));
    } catch (error) {
      if (!isPromised(error, this.#circumstances(patience))) throw error;
    }
  }

  async #expectNothingLeft(): Promise<void> {
    const bound = performance.now() + GONE_BOUND_MS;
    for (;;) {
      const left = await marked(this.#marker);
      if (left.length === 0) return;
      if (performance.now() > bound) {
        this.#problems.push(`processes are left: ${left.join(", ")}`);
        return;
      }
      await pause(100);
    }
  }
}

/** The options of a call that is given up, and the end of their timer. */
function givingUp({ abortMs, timeoutMs }: Patience) {
  const controller = new AbortController();
  const timer = abortMs === null ? undefined : setTimeout(() => controller.abort(), abortMs);
  const signal = abortMs === null ? {} : { signal: controller.signal };
  return {
    options: { ...signal, ...(timeoutMs === null ? {} : { timeoutMs }) },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

async function write(process: RunningProcess, input: Buffer): Promise<void> {
  await process.write(input);
  await process.closeStdin();
}

async function outputOf(process: RunningProcess, read: (Step & { readonly kind: "start" })["read"]): Promise<Buffer> {
  if (read === "not at all") return Buffer.alloc(0);
  if (read === "events") {
    const chunks: Uint8Array[] = [];
    for await (const event of process.events()) {
      if (event.type === "output" && event.stream === "stdout") chunks.push(event.data);
    }
    return Buffer.concat(chunks);
  }
  if (read === "in part") {
    const reader = process.stdout.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return Buffer.from(value ?? []);
  }
  return collect(process.stdout, read === "slowly" ? "slowly" : "whole");
}

async function collect(stream: ReadableStream<Uint8Array> | null, how: "whole" | "slowly"): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let untilPause = SLOW_STEP_BYTES;
  for await (const chunk of stream ?? []) {
    chunks.push(chunk);
    untilPause -= chunk.byteLength;
    if (how === "whole" || untilPause > 0) continue;
    untilPause = SLOW_STEP_BYTES;
    await pause(5);
  }
  return Buffer.concat(chunks);
}

function bytesOf(output: string | Uint8Array): Uint8Array {
  return typeof output === "string" ? Buffer.from(output) : output;
}

function expectSame(found: Uint8Array, wanted: Buffer): void {
  if (!wanted.equals(found))
    throw new Error(`${found.byteLength} bytes are not the ${wanted.byteLength} that were sent`);
}

function expectOutput(found: Uint8Array, exitCode: number, known: KnownCommand): void {
  expectSame(found, known.stdout);
  if (exitCode !== known.exitCode) throw new Error(`it exited with ${exitCode} instead of ${known.exitCode}`);
}

/** What was seen of a command that was ended is how its output begins. */
function expectBeginning(found: Uint8Array, { stdout }: KnownCommand): void {
  if (!stdout.subarray(0, found.byteLength).equals(found)) throw new Error("its output is another");
}
