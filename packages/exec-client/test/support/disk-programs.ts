import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { chunk, type FakeExecServer, type Handler, type HandlerParams, Refusal } from "./fake-exec-server.ts";

interface StartParams extends HandlerParams {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly pipeStdin?: boolean;
}

interface WriteParams extends HandlerParams {
  readonly chunk: string;
  readonly writeId: string;
}

type Happened = { readonly output: string; readonly stream: string } | { readonly exit: number } | "closed";

interface Program {
  readonly child: ChildProcess;
  readonly events: Happened[];
  readonly writeIds: Set<string>;
}

/** Real programs that outlive the lines on which they were started, as those of an executor do. */
export class DiskPrograms {
  readonly #programs = new Map<string, Program>();
  readonly #env: NodeJS.ProcessEnv;
  /** The newest line. */
  #server: FakeExecServer | undefined;

  /** @param env - Of the programs. Default: that of this process. */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env;
  }

  /** Handlers of one line. */
  handlers(): Record<string, Handler> {
    return {
      "process/start": (params, server) => this.#start(params as StartParams, server),
      "process/write": (params) => this.#write(params as WriteParams),
      "process/read": (params, server) => this.#read(params, server),
      "process/terminate": ({ processId }) => this.#terminate(processId),
    };
  }

  /** Kill every program with its group, as the end of a session does. */
  killAll(): void {
    for (const processId of this.#programs.keys()) this.#terminate(processId);
  }

  #start({ processId, argv: [program, ...args], cwd, pipeStdin }: StartParams, server: FakeExecServer): unknown {
    this.#server = server;
    const stdin = pipeStdin === true ? "pipe" : "ignore";
    const options = { cwd: fileURLToPath(cwd), detached: true, env: this.#env } as const;
    const child = spawn(program, args, { ...options, stdio: [stdin, "pipe", "pipe"] });
    child.on("error", () => {});
    child.stdin?.on("error", () => {});
    this.#programs.set(processId, { child, events: [], writeIds: new Set() });
    const tell = (stream: string) => (data: Buffer) =>
      this.#tell(processId, { output: data.toString("latin1"), stream });
    child.stderr?.on("data", tell("stderr"));
    child.stdout?.on("data", tell("stdout"));
    void once(child, "close").then(([code]) => {
      this.#tell(processId, { exit: code ?? 137 });
      this.#tell(processId, "closed");
    });
    return { processId };
  }

  #tell(processId: string, event: Happened): void {
    const { events } = this.#of(processId);
    events.push(event);
    const server = this.#server;
    if (server === undefined || server.closed !== undefined) return;
    if (event === "closed") server.finished(processId, events.length);
    else if ("exit" in event) server.exited(processId, events.length, event.exit);
    else server.output(processId, events.length, event.output, event.stream);
  }

  #write({ processId, chunk: data, writeId }: WriteParams): unknown {
    const { child, writeIds } = this.#of(processId);
    if (!writeIds.has(writeId)) child.stdin?.write(Buffer.from(data, "base64"));
    writeIds.add(writeId);
    return { status: "accepted" };
  }

  #read({ processId, afterSeq }: HandlerParams, server: FakeExecServer): unknown {
    this.#server = server;
    const { events } = this.#of(processId);
    const exit = events.find((event) => typeof event === "object" && "exit" in event);
    return {
      chunks: events.flatMap((event, index) =>
        typeof event === "object" && "output" in event && index + 1 > afterSeq ? [chunk(index + 1, event.output)] : [],
      ),
      nextSeq: events.length + 1,
      exited: exit !== undefined,
      exitCode: typeof exit === "object" && "exit" in exit ? exit.exit : null,
      closed: events.includes("closed"),
      failure: null,
      sandboxDenied: false,
    };
  }

  #terminate(processId: string): unknown {
    const { child } = this.#of(processId);
    const running = child.exitCode === null && child.signalCode === null;
    if (running && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    return { running };
  }

  #of(processId: string): Program {
    const program = this.#programs.get(processId);
    if (program === undefined) throw new Refusal(-32600, `unknown process id ${processId}`);
    return program;
  }
}
