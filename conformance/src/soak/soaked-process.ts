import { isLinkError, OutputGapError, type RunningProcess } from "@holdfast/exec-client";
import { OutputVerifier } from "./output-verifier.ts";
import { pause } from "./pause.ts";
import { outputBytes, type Program } from "./programs.ts";
import type { SoakedLine } from "./soaked-line.ts";

/** What executors keep of a process's output while nobody is there. Less than this is never lost. */
const RETAINED_BYTES = 1_048_576;
/** Short, so that many a cut finds a write in flight. */
const INPUT_PAUSE_MS = 10;
const START_ATTEMPTS = 20;

export type Verdict =
  | { readonly kind: "ok" }
  /** Output was lost, the executor could not hold it, and the client said so. */
  | { readonly kind: "gap-told" }
  | { readonly kind: "failed"; readonly problems: readonly string[] };

export interface ProcessPlace {
  readonly line: SoakedLine;
  readonly folder: string;
  /** Path of the file that programs know as `$BYTES`. */
  readonly bytesFile: string;
  /** Unique among the processes of a soak. */
  readonly name: string;
}

/** One program, from its start to the verdict on what it was seen to do. */
export class SoakedProcess {
  readonly name: string;
  readonly program: Program;
  /** Starts of which nobody knows whether they took place; each was followed by another one. */
  unknownStarts = 0;
  readonly #place: ProcessPlace;
  #verifier: OutputVerifier;
  #phase: "starting" | "running" | Verdict["kind"] = "starting";

  constructor(program: Program, place: ProcessPlace) {
    this.program = program;
    this.name = place.name;
    this.#place = place;
    this.#verifier = new OutputVerifier(program);
  }

  get receivedBytes(): number {
    return this.#verifier.receivedBytes;
  }

  /** For whoever looks at a soak that hangs. */
  describe(): string {
    const { state } = this.#place.line.executor;
    const progress = `${this.receivedBytes} of ${outputBytes(this.program)} bytes`;
    return `${this.name} (${this.program.kind}): ${this.#phase}, ${progress}, line ${state}`;
  }

  /** Never rejects: what goes wrong is the verdict. */
  async run(): Promise<Verdict> {
    const verdict = await this.#judge();
    this.#phase = verdict.kind;
    return verdict;
  }

  async #judge(): Promise<Verdict> {
    try {
      const running = await this.#start();
      this.#phase = "running";
      const input = this.#feed(running);
      // Its error is looked at below; meanwhile it must not count as unhandled.
      input.catch(() => {});
      for await (const event of running.events()) this.#verifier.accept(event);
      await input;
      return verdictOn(this.#verifier.complete());
    } catch (error) {
      return this.#brokenOff(error);
    }
  }

  #brokenOff(error: unknown): Verdict {
    const problems = this.#verifier.brokenOff();
    const mayLose = outputBytes(this.program) > RETAINED_BYTES;
    if (error instanceof OutputGapError && mayLose && problems.length === 0) return { kind: "gap-told" };
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { kind: "failed", problems: [...problems, reason] };
  }

  async #start(): Promise<RunningProcess> {
    const { script, tty, input } = this.program;
    const { line, folder, bytesFile, name } = this.#place;
    for (let attempt = 1; ; attempt += 1) {
      const processId = `${name}.${attempt}`;
      const argv = ["/bin/sh", "-c", `echo $$ > "$0"; ${script}`, `${folder}/${processId}.pid`];
      const pipeStdin = input !== undefined && !tty;
      const options = { argv, processId, cwd: folder, tty, pipeStdin, env: { BYTES: bytesFile } };
      try {
        return await line.executor.processes.start(options);
      } catch (error) {
        const isUnknown = isLinkError(error) && error.delivery === "unknown";
        if (!isUnknown || line.executor.state === "failed" || attempt === START_ATTEMPTS) throw error;
        this.unknownStarts += 1;
      }
    }
  }

  async #feed(running: RunningProcess): Promise<void> {
    const { input } = this.program;
    if (input === undefined) return;
    while (this.receivedBytes < input.afterBytes) {
      if (this.#phase !== "running") return;
      await pause(5);
    }
    for (const group of input.groups) {
      await Promise.all(group.map((data) => running.write(data)));
      await pause(INPUT_PAUSE_MS);
    }
  }
}

function verdictOn(problems: readonly string[]): Verdict {
  return problems.length === 0 ? { kind: "ok" } : { kind: "failed", problems };
}
