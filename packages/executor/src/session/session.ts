import type { Child, InputLimits, ManagedProcess, ProcessRegistryOptions, RetentionLimits } from "../process/index.ts";
import { ProcessRegistry } from "../process/index.ts";
import { type NoticeLine, Notifier } from "./notifier.ts";

export interface SessionOptions {
  readonly id: string;
  readonly line: NoticeLine;
  readonly registry: ProcessRegistryOptions;
  readonly retention: RetentionLimits;
  readonly input: InputLimits;
}

/**
 * What one client owns on this machine: its processes and their retained output.
 *
 * A session lives as long as the connection that opened it.
 */
export class Session {
  readonly id: string;
  readonly #processes: ProcessRegistry;
  readonly #notifier: Notifier;
  readonly #retention: RetentionLimits;
  readonly #input: InputLimits;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.#processes = new ProcessRegistry(options.registry);
    this.#retention = options.retention;
    this.#input = options.input;
    const each = (act: (process: ManagedProcess) => void) => () => this.#processes.all().forEach(act);
    const valve = {
      pauseOutput: each((process) => process.pauseOutput()),
      resumeOutput: each((process) => process.resumeOutput()),
    };
    this.#notifier = new Notifier(options.line, valve, (process) => this.#processes.retain(process));
  }

  process(id: string): ManagedProcess | undefined {
    return this.#processes.get(id);
  }

  /** @throws RegistrationFault when the id is taken, or what `spawn` throws. */
  startProcess(
    start: { readonly id: string; readonly hasInput: boolean },
    spawn: (process: ManagedProcess) => Child | Promise<Child>,
  ): ManagedProcess | Promise<ManagedProcess> {
    const options = { ...start, retention: this.#retention, input: this.#input, sink: this.#notifier };
    const held = (child: Child) => {
      if (this.#notifier.holding) child.pauseOutput();
      return child;
    };
    return this.#processes.start(options, (process) => {
      const child = spawn(process);
      return child instanceof Promise ? child.then(held) : held(child);
    });
  }

  /** End every process; nothing more is said about them. */
  end(): void {
    this.#notifier.detach();
    this.#processes.terminateAll();
  }
}
