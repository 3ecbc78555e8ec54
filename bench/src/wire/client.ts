import { RawSocket } from "./raw-socket.ts";
import { answerId, bytesOfMember } from "./scan.ts";

/** A notice as it came. */
export interface Notice {
  readonly method: string;
  readonly params: { readonly processId: string; readonly [member: string]: unknown };
}

/** The peer's refusal of a call. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: number;

  constructor(code: number, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** The connection ended before the answer. */
export class LineLost extends Error {
  override readonly name = "LineLost";
}

interface Pending {
  /** Looks at the answer's bytes instead of its value. */
  readonly scan?: ((message: Buffer) => unknown) | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The bare wire, the same for every peer, so that no client's own speed is measured: answers and notices of bulk data are
 * counted, not parsed.
 */
export class WireClient implements AsyncDisposable {
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, (notice: Notice) => void>();
  #socket: RawSocket | undefined;
  #rawNotice: ((message: Buffer) => boolean) | undefined;
  #lost = false;
  #nextId = 1;
  #nextProcess = 1;

  private constructor() {}

  static async connect(url: string): Promise<WireClient> {
    const client = new WireClient();
    client.#socket = await RawSocket.connect(url, {
      message: (payload) => client.#receive(payload),
      closed: () => client.#lose(),
    });
    await client.call("initialize", { clientName: "bench" });
    client.socket.send(Buffer.from('{"method":"initialized","params":{}}'));
    return client;
  }

  get socket(): RawSocket {
    if (this.#socket === undefined) throw new Error("not connected");
    return this.#socket;
  }

  /** A process id that this connection has not used. */
  newProcessId(): string {
    return `p${this.#nextProcess++}`;
  }

  call<T>(method: string, params: unknown): Promise<T> {
    return this.#send<T>(method, JSON.stringify(params));
  }

  /** Call, and count the raw bytes of a base64 member of the answer. */
  callForBytes(method: string, params: unknown, member: string): Promise<number> {
    return this.callAndScan(method, params, (message) => bytesOfMember(message, member));
  }

  /** Call, and look at the bytes of the answer, which are only there during the call of `scan`. */
  callAndScan<T>(method: string, params: unknown, scan: (message: Buffer) => T): Promise<T> {
    return this.#send<T>(method, JSON.stringify(params), { scan });
  }

  /** Call with params that are JSON already: made beforehand, so that making them is not measured. */
  callWithJson(method: string, params: string, options: { readonly fragmentBytes?: number } = {}): Promise<unknown> {
    return this.#send(method, params, options);
  }

  /** Look at the bytes of notices before anything is parsed. Return true for those that need nothing more. */
  tapNotices(tap: ((message: Buffer) => boolean) | undefined): void {
    this.#rawNotice = tap;
  }

  /** Hear the notices of one process until the returned function is called. */
  listen(processId: string, heard: (notice: Notice) => void): () => void {
    this.#listeners.set(processId, heard);
    return () => this.#listeners.delete(processId);
  }

  /** Start a process and wait until it is closed. @returns its exit code. */
  async runToClose(params: Readonly<Record<string, unknown>>): Promise<number> {
    const processId = this.newProcessId();
    let exitCode = 0;
    const closed = new Promise<void>((resolve) => {
      const stop = this.listen(processId, (notice) => {
        if (notice.method === "process/exited") exitCode = Number(notice.params.exitCode);
        if (notice.method !== "process/closed") return;
        stop();
        resolve();
      });
    });
    await this.call("process/start", { processId, cwd: "file:///", env: {}, tty: false, ...params });
    await closed;
    return exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
  }

  #send<T>(
    method: string,
    params: string,
    { scan, fragmentBytes }: { readonly scan?: (message: Buffer) => unknown; readonly fragmentBytes?: number } = {},
  ): Promise<T> {
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      if (this.#lost) return reject(new LineLost("the peer closed the connection"));
      this.#pending.set(id, { scan, resolve, reject });
      this.socket.send(Buffer.from(`{"id":${id},"method":"${method}","params":${params}}`, "latin1"), fragmentBytes);
    });
  }

  #receive(message: Buffer): void {
    const id = answerId(message);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (id < 0) this.#notice(message);
    else if (pending !== undefined) settle(pending, message);
  }

  #notice(message: Buffer): void {
    if (this.#rawNotice?.(message) === true) return;
    const notice = JSON.parse(message.toString());
    this.#listeners.get(notice.params?.processId)?.(notice);
  }

  #lose(): void {
    this.#lost = true;
    for (const { reject } of this.#pending.values()) reject(new LineLost("the peer closed the connection"));
    this.#pending.clear();
  }
}

function settle({ scan, resolve, reject }: Pending, message: Buffer): void {
  if (scan !== undefined && !isRefusal(message)) {
    resolve(scan(message) as never);
    return;
  }
  const { result, error } = JSON.parse(message.toString());
  if (error === undefined) resolve(result as never);
  else reject(new Refusal(error.code, error.message));
}

function isRefusal(message: Buffer): boolean {
  return message.length < 4_096 && message.includes('"error":{');
}
