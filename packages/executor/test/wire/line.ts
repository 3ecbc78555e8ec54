import { type FramePort, LinkError, RemoteError } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { dataOf } from "@holdfast/rpc/testing";
import { until, WireClient, type WireClose } from "@holdfast/testkit";
import { createExecutor, type Executor, type ExecutorOptions } from "../../src/index.ts";

export interface Notice {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One client of an executor, at the level of the wire, with everything it was told. */
export class Line implements AsyncDisposable {
  readonly executor: Executor;
  /** Set by the handshakes of `ready` and `resume`. */
  sessionId = "";
  readonly #client: WireClient;
  readonly #port: FramePort;

  /** @param port - A line that the executor serves already; a memory line of its own when absent. */
  constructor(options: Partial<ExecutorOptions> = {}, executor: Executor = newExecutor(options), port?: FramePort) {
    this.executor = executor;
    this.#port = port ?? memoryLineTo(executor);
    this.#client = new WireClient((frame) => this.#port.send(frame));
    this.#port.open({
      frame: (frame) => this.#client.receive(dataOf(frame)),
      drained: () => {},
      closed: (close) => this.#client.end(close),
    });
  }

  /** What it was told, in order. */
  get notices(): readonly Notice[] {
    return this.#client.received as readonly Notice[];
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

  get closed(): Promise<WireClose> {
    return this.#client.ended;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tests look at answers as they came.
  async call(method: string, params?: unknown): Promise<any> {
    const answer = await this.#client.ask(method, params);
    if (answer === undefined) throw new LinkError("closed", "the line ended", { delivery: "unknown", method });
    if (answer.error !== undefined) throw new RemoteError(method, answer.error);
    return answer.result;
  }

  notify(method: string, params: unknown): void {
    this.#client.send({ method, params });
  }

  /** Resolves when the executor has let go of the line too. */
  async hangUp(): Promise<void> {
    const lines = this.executor.connectionCount;
    this.#port.close(1000, "");
    await until(() => this.executor.connectionCount < lines, { intervalMs: 1 });
  }

  /** Resolves at the first notice after which `condition` holds. */
  when(condition: () => boolean): Promise<void> {
    return this.#client.when(condition);
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
    env: { PATH: "/usr/bin:/bin", HOME: "/dev/null/home", INHERITED: "yes" },
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

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
