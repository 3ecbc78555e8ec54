import { createExecServerCodec } from "@holdfast/exec-server-protocol";
import { createPeer, type FramePort, type Peer, type PortClose } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { until } from "@holdfast/testkit";
import { createExecutor, type Executor, type ExecutorOptions } from "../../src/index.ts";

export interface Notice {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const NOTICES = ["process/output", "process/exited", "process/closed", "fs/missingChanged", "http/request/bodyDelta"];

/** One client of an executor, at the level of the wire, with everything it was told. */
export class Line implements AsyncDisposable {
  readonly notices: Notice[] = [];
  readonly executor: Executor;
  /** Set by the handshakes of `ready` and `resume`. */
  sessionId = "";
  readonly #peer: Peer;
  readonly #waiters = new Set<() => void>();

  /** @param port - A line that the executor serves already; a memory line of its own when absent. */
  constructor(options: Partial<ExecutorOptions> = {}, executor: Executor = newExecutor(options), port?: FramePort) {
    this.executor = executor;
    const near = port ?? memoryLineTo(executor);
    this.#peer = createPeer({
      port: near,
      codec: createExecServerCodec({ strict: false }),
      limits: { maxPendingCalls: 100_000 },
    });
    for (const method of NOTICES) {
      this.#peer.on(method, (params) => {
        this.notices.push({ method, params: params as Notice["params"] });
        for (const look of [...this.#waiters]) look();
      });
    }
  }

  /** A line whose handshake is done. */
  static async ready(options: Partial<ExecutorOptions> = {}, executor?: Executor): Promise<Line> {
    const line = new Line(options, executor ?? newExecutor(options));
    await line.open();
    return line;
  }

  /** A line that has taken over the session of one that is gone. */
  static async resume(executor: Executor, sessionId: string): Promise<Line> {
    const line = new Line({}, executor);
    await line.open({ resumeSessionId: sessionId });
    return line;
  }

  /** The whole handshake. */
  async open(more: object = {}): Promise<void> {
    const { sessionId } = await this.call("initialize", { clientName: "test", ...more });
    this.sessionId = sessionId;
    this.notify("initialized", {});
  }

  get closed(): Promise<PortClose> {
    return this.#peer.closed;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tests look at answers as they came.
  call(method: string, params?: unknown): Promise<any> {
    return this.#peer.call(method, params);
  }

  notify(method: string, params: unknown): void {
    this.#peer.notify(method, params);
  }

  /** Resolves when the executor has let go of the line too. */
  async hangUp(): Promise<void> {
    const lines = this.executor.connectionCount;
    this.#peer.close();
    await until(() => this.executor.connectionCount < lines, { intervalMs: 1 });
  }

  /** Resolves at the first notice after which `condition` holds. */
  when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiters.delete(look);
        resolve();
      };
      this.#waiters.add(look);
      look();
    });
  }

  /** Numbers of everything that was told of a process. */
  seqs(processId: string): readonly number[] {
    return this.of(processId).map(({ params }) => Number(params.seq));
  }

  of(processId: string): readonly Notice[] {
    return this.notices.filter(({ params }) => params.processId === processId);
  }

  isClosed(processId: string): boolean {
    return this.of(processId).some(({ method }) => method === "process/closed");
  }

  /** Output of a process as text. */
  text(processId: string): string {
    return this.of(processId)
      .filter(({ method }) => method === "process/output")
      .map(({ params }) => Buffer.from(String(params.chunk), "base64").toString())
      .join("");
  }

  start(processId: string, argv: readonly string[], more: object = {}): Promise<unknown> {
    return this.call("process/start", {
      processId,
      argv,
      cwd: "file:///",
      env: { PATH: "/usr/bin:/bin" },
      tty: false,
      ...more,
    });
  }

  /** Start and wait for the close. */
  async run(processId: string, argv: readonly string[], more: object = {}): Promise<string> {
    await this.start(processId, argv, more);
    await this.when(() => this.isClosed(processId));
    return this.text(processId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.executor.close();
  }
}

export function newExecutor(options: Partial<ExecutorOptions> = {}): Executor {
  return createExecutor({
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent-home", INHERITED: "yes" },
    cwd: "/",
    version: "0.0.0",
    ...options,
  });
}

function memoryLineTo(executor: Executor): FramePort {
  const [near, far] = memoryLink();
  executor.accept(far);
  return near;
}

export const base64 = (text: string): string => Buffer.from(text).toString("base64");
