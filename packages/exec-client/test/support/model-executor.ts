import type { FramePort } from "@holdfast/rpc";
import { badFrames, type FrameFault } from "@holdfast/testkit";
import { chunk, type FakeExecServer, type HandlerParams, LINUX_INFO, Refusal } from "./fake-exec-server.ts";

/** A step in the life of a process. */
export type Step = { readonly output: string } | { readonly exit: number } | "close";

interface ModelProcess {
  readonly steps: Step[];
  /** Steps that happened; the next one happens when the model is told to go on. */
  done: number;
  readonly written: string[];
  readonly writeIds: Set<unknown>;
  terminated: boolean;
}

/** What an executor keeps between connections: one session, its processes and their events. Forgets nothing. */
export class ModelExecutor {
  readonly processes = new Map<string, ModelProcess>();
  /** Life of each process by its argv[0]. */
  readonly scripts: Record<string, readonly Step[]>;
  #attached: FakeExecServer | undefined;

  constructor(scripts: Record<string, readonly Step[]>) {
    this.scripts = scripts;
  }

  /** Handlers of one connection. */
  get handlers() {
    return {
      initialize: (_: HandlerParams, server: FakeExecServer) => {
        this.#attached = server;
        return { sessionId: "model", environmentInfo: LINUX_INFO };
      },
      "process/start": (params: HandlerParams) => this.#start(params),
      "process/read": ({ processId, afterSeq }: HandlerParams) => this.#read(processId, afterSeq),
      "process/write": (params: HandlerParams) => this.#write(params),
      "process/terminate": ({ processId }: HandlerParams) => {
        const process = this.processes.get(processId);
        if (process !== undefined) process.terminated = true;
        return { running: process !== undefined };
      },
    };
  }

  /** Let the next thing happen in every process. False when nothing is left to happen. */
  step(): boolean {
    let happened = false;
    for (const [processId, process] of this.processes) {
      if (process.done >= process.steps.length) continue;
      process.done += 1;
      happened = true;
      this.#tell(processId, process, process.done);
    }
    return happened;
  }

  #tell(processId: string, process: ModelProcess, seq: number): void {
    const step = process.steps[seq - 1];
    if (step === undefined) return;
    if (step === "close") this.#attached?.finished(processId, seq);
    else if ("exit" in step) this.#attached?.exited(processId, seq, step.exit);
    else this.#attached?.output(processId, seq, step.output);
  }

  #start(params: HandlerParams): unknown {
    const { processId } = params;
    if (this.processes.has(processId)) throw new Refusal(-32600, `process id already exists: ${processId}`);
    const [name = ""] = (params as unknown as { argv: string[] }).argv;
    const steps = [...(this.scripts[name] ?? [])];
    this.processes.set(processId, { steps, done: 0, written: [], writeIds: new Set(), terminated: false });
    return { processId };
  }

  #read(processId: string, afterSeq: number): unknown {
    const process = this.#processOf(processId);
    const happened = process.steps.slice(0, process.done);
    const exit = happened.find((step) => typeof step === "object" && "exit" in step);
    return {
      chunks: happened.flatMap((step, index) =>
        typeof step === "object" && "output" in step && index + 1 > afterSeq ? [chunk(index + 1, step.output)] : [],
      ),
      nextSeq: process.done + 1,
      exited: exit !== undefined,
      exitCode: typeof exit === "object" && "exit" in exit ? exit.exit : null,
      closed: happened.includes("close"),
      failure: null,
      sandboxDenied: false,
    };
  }

  #write(params: HandlerParams): unknown {
    const process = this.#processOf(params.processId);
    const { writeId, chunk: data } = params as unknown as { writeId: string; chunk: string };
    if (!process.writeIds.has(writeId)) process.written.push(Buffer.from(data, "base64").toString("utf8"));
    process.writeIds.add(writeId);
    return { status: "accepted" };
  }

  #processOf(processId: string): ModelProcess {
    const process = this.processes.get(processId);
    if (process === undefined) throw new Refusal(-32600, `unknown process id ${processId}`);
    return process;
  }
}

/** A port whose line breaks when `messages` messages have passed it, in either direction; the last one is lost. */
export function breakingPort(port: FramePort, messages: number): FramePort {
  let left = messages;
  const passes = (): boolean => {
    left -= 1;
    if (left === 0) port.destroy("the line broke");
    return left > 0;
  };
  const fault: FrameFault = (frame, pass) => {
    if (passes()) pass(frame);
  };
  return badFrames(port, { inbound: fault, outbound: fault });
}
