import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Executor, RunningProcess } from "@holdfast/exec-client";
import { pause } from "../soak/pause.ts";
import type { EndlessProgram } from "./endless-programs.ts";

const EXIT_CODE = 23;
const WRITE_EVERY_MS = 40;
/** More than a pipe holds, so that a replacement finds a write that is half done. */
const WRITE_BYTES = 90_000;

export interface WatchedPlace {
  readonly folder: string;
  readonly stopFile: string;
  readonly bytesFile: string;
  readonly name: string;
}

/** One endless program, from its start to the verdict on what came over of it. */
export class WatchedProcess {
  readonly #program: EndlessProgram;
  readonly #place: WatchedPlace;
  readonly #received = createHash("sha256");
  #bytes = 0;
  #state = "starting";

  constructor(program: EndlessProgram, place: WatchedPlace) {
    this.#program = program;
    this.#place = place;
  }

  get bytes(): number {
    return this.#bytes;
  }

  describe(): string {
    return `${this.#place.name} (${this.#program.kind}): ${this.#state}, ${this.#bytes} bytes`;
  }

  /** Begin it. Afterwards it prints. @returns what resolves with what went wrong. */
  async start(executor: Executor, isStopped: () => boolean): Promise<Promise<readonly string[]>> {
    const { folder, stopFile, bytesFile, name } = this.#place;
    const { script, tty, isConfined, echoes } = this.#program;
    const env = { OUT: join(folder, `${name}.out`), STOP: stopFile, BYTES: bytesFile, NAME: name };
    const argv = ["/bin/sh", "-c", `${script}; exit ${EXIT_CODE}`];
    const running = await executor.processes.start({
      argv,
      cwd: folder,
      env,
      tty,
      pipeStdin: echoes,
      ...(isConfined ? { sandbox: "workspace-write" as const } : {}),
    });
    this.#state = "running";
    const feeding = echoes ? this.#feed(running, isStopped) : Promise.resolve();
    return this.#judge(running, feeding);
  }

  async #judge(running: RunningProcess, feeding: Promise<void>): Promise<readonly string[]> {
    feeding.catch(() => {});
    try {
      let exitCode: number | undefined;
      for await (const event of running.events()) {
        if (event.type === "output") {
          this.#received.update(event.data);
          this.#bytes += event.data.length;
        } else if (event.type === "exited") exitCode = event.exitCode;
      }
      await feeding;
      this.#state = "closed";
      return await this.#problems(exitCode);
    } catch (error) {
      this.#state = "failed";
      return [`${this.describe()}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`];
    }
  }

  async #problems(exitCode: number | undefined): Promise<readonly string[]> {
    const { folder, name } = this.#place;
    const printed = await readFile(join(folder, `${name}.out`));
    const isSame = createHash("sha256").update(printed).digest("hex") === this.#received.digest("hex");
    return [
      ...(exitCode === EXIT_CODE ? [] : [`${this.describe()}: exit code ${exitCode}`]),
      ...(isSame && printed.length > 0
        ? []
        : [`${this.describe()}: it printed ${printed.length} bytes, and other ones`]),
    ];
  }

  async #feed(running: RunningProcess, isStopped: () => boolean): Promise<void> {
    for (let n = 0; !isStopped(); n += 1) {
      await running.write(Buffer.alloc(WRITE_BYTES, `${this.#place.name} ${n} `));
      await pause(WRITE_EVERY_MS);
    }
    await running.closeStdin();
  }
}
