import {
  childEnvironment,
  type InputLimits,
  ManagedProcess,
  type ProcessSink,
  type SpawnRequest,
  spawnPipe,
  spawnPty,
} from "../../src/process/index.ts";
import { FACTS, newInput } from "./new-input.ts";

export type Event =
  | { readonly type: "output"; readonly seq: number; readonly stream: string; readonly text: string }
  | { readonly type: "exited"; readonly seq: number; readonly exitCode: number }
  | { readonly type: "closed"; readonly seq: number };

/** A process with everything it said, in order. */
export class Recording {
  readonly events: Event[] = [];
  readonly closed: Promise<void>;
  readonly process: ManagedProcess;
  readonly #waiters = new Set<() => void>();

  constructor(hasInput: boolean, limits: Partial<InputLimits> & { readonly maxRetainedBytes?: number } = {}) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    const sink: ProcessSink = {
      output: (_, { seq, stream, data }) => this.#add({ type: "output", seq, stream, text: data.toString("latin1") }),
      exited: (_, seq, exitCode) => this.#add({ type: "exited", seq, exitCode }),
      closed: (_, seq) => {
        this.#add({ type: "closed", seq });
        resolve();
      },
    };
    this.process = new ManagedProcess({
      id: "test",
      hasInput,
      facts: FACTS,
      retention: { maxRetainedBytes: limits.maxRetainedBytes ?? 1_048_576, maxRetainedChunks: 50_000 },
      ...newInput({ maxQueuedWrites: 128, maxWaitingWrites: 4, maxRememberedWriteIds: 4_096, ...limits }),
      sink,
    });
  }

  /** Output of one stream, or of all. */
  text(stream?: string): string {
    return this.events
      .flatMap((event) => (event.type === "output" && (stream ?? event.stream) === event.stream ? [event.text] : []))
      .join("");
  }

  get exitCode(): number | undefined {
    return this.events.find((event) => event.type === "exited")?.exitCode;
  }

  get order(): string {
    return this.events.map((event) => event.type).join(" ");
  }

  /** Resolves at the first event after which `condition` holds. */
  when(condition: (recording: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition(this)) return;
        this.#waiters.delete(look);
        resolve();
      };
      this.#waiters.add(look);
      look();
    });
  }

  #add(event: Event): void {
    this.events.push(event);
    for (const look of [...this.#waiters]) look();
  }
}

export const PATH = "/usr/bin:/bin";

export function request(argv: readonly string[], options: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    argv,
    arg0: undefined,
    cwd: Buffer.from("/"),
    env: childEnvironment({}, { PATH }, undefined, { maxPatternSteps: 0, maxEnvironmentVariables: 100 }),
    ...options,
  };
}

export function sh(script: string, options: Partial<SpawnRequest> = {}): SpawnRequest {
  return request(["sh", "-c", script], options);
}

type Limits = ConstructorParameters<typeof Recording>[1];

export async function pipe(spawn: SpawnRequest, input: "pipe" | "null" = "null", limits?: Limits): Promise<Recording> {
  const recording = new Recording(input === "pipe", limits);
  recording.process.adopt(await spawnPipe(spawn, input, recording.process.events));
  return recording;
}

export function terminal(spawn: SpawnRequest): Recording {
  const recording = new Recording(true);
  recording.process.adopt(spawnPty(spawn, recording.process.events));
  return recording;
}
