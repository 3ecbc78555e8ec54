import { isRemoteError } from "@holdfast/rpc";
import { lineLost } from "./fault-of.ts";
import type { Tell } from "./tell-event.ts";

type Params = Readonly<Record<string, unknown>>;

/** Makes a call to the executor. */
type Ask = (method: string, params: unknown) => Promise<unknown>;

interface StreamedBody {
  /** Number of its last piece. */
  seq: number;
  /** Whether its head has come. Without one, it is the call that fails, or that is yet to be sent. */
  isBegun: boolean;
}

/** Calls that are about a file that is open on the connection. */
function isOfOpenFile(method: string): boolean {
  return method === "fs/readBlock" || method === "fs/writeBlock";
}

function lostFile(handleId: unknown, cause?: unknown): Error {
  return lineLost(`the connection to the executor was lost, and with it the open file \`${handleId}\``, cause);
}

const LOST_BODY = "the connection to the executor was lost while the body was being read";

/**
 * What an executor binds to one connection, while its client has another: open files, streamed bodies, watches, and whether output is
 * held. With the connection to the executor it is gone. What can be had again is asked for again on the next one; of the rest the client is
 * told.
 */
export class LineBound {
  readonly #tell: Tell;
  readonly #openFiles = new Set<unknown>();
  readonly #lostFiles = new Set<unknown>();
  readonly #bodies = new Map<unknown, StreamedBody>();
  readonly #watches = new Map<unknown, Params>();
  readonly #heldProcesses = new Set<unknown>();
  #missingWatch: unknown;
  /** There is no connection: what is only now known to be done was done on the one that is gone. */
  #isLost = false;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** The client makes this call. @throws RpcFault it is about an open file that is gone. */
  asked(method: string, params: Params): void {
    if (isOfOpenFile(method)) {
      if (this.#lostFiles.has(params.handleId)) throw lostFile(params.handleId);
    } else if (method === "fs/close") {
      this.#openFiles.delete(params.handleId);
      this.#lostFiles.delete(params.handleId);
    } else if (method === "http/request" && params.streamResponse === true) {
      this.#bodies.set(params.requestId, { seq: 0, isBegun: false });
    } else if (method === "holdfast/unwatch") this.#watches.delete(params.watchId);
    // Before it is answered: a call that waits for the next connection is sent before that one is asked for what is held.
    else if (method === "holdfast/holdOutput") {
      if (params.held === true) this.#heldProcesses.add(params.processId);
      else this.#heldProcesses.delete(params.processId);
    }
  }

  /** The executor has done it. @throws RpcFault what it answers is of no use without the connection that is gone. */
  done(method: string, params: Params, result: unknown): void {
    if (method === "fs/open") {
      this.#lostFiles.delete(params.handleId);
      (this.#isLost ? this.#lostFiles : this.#openFiles).add(params.handleId);
    } else if (method === "http/request") {
      const body = this.#bodies.get(params.requestId);
      if (body === undefined) return;
      if (this.#isLost) throw lineLost(LOST_BODY);
      body.isBegun = true;
    } else if (method === "holdfast/watch") this.#watches.set(params.watchId, params);
    else if (method === "fs/watchMissing") {
      const isWatching =
        typeof result === "object" && result !== null && "watching" in result && result.watching === true;
      this.#missingWatch = isWatching ? params.watchId : undefined;
    }
  }

  /**
   * It has not, or nobody knows.
   *
   * @returns why, as the client is to be told: of a block that had to wait for the next connection, the executor only knows that no such
   * file is open there.
   */
  failed(method: string, params: Params, error: unknown): unknown {
    const { handleId } = params;
    if (method === "http/request") this.#bodies.delete(params.requestId);
    else if (method === "holdfast/holdOutput") this.#heldProcesses.delete(params.processId);
    const isOfLostFile = isOfOpenFile(method) && this.#lostFiles.has(handleId);
    return isOfLostFile && isRemoteError(error) ? lostFile(handleId, error) : error;
  }

  /** The executor sends this notice. */
  told(method: string, params: Params): void {
    if (method === "http/request/bodyDelta") {
      if (params.done === true) this.#bodies.delete(params.requestId);
      // Others were not asked for.
      else if (this.#bodies.has(params.requestId)) {
        this.#bodies.set(params.requestId, { seq: Number(params.seq), isBegun: true });
      }
    } else if (method === "holdfast/watchEvents") {
      if (params.end !== undefined && params.end !== null) this.#watches.delete(params.watchId);
    } else if (method === "fs/missingChanged") this.#missingWatch = undefined;
  }

  /** Of a process nothing more will come. */
  ended(processId: string): void {
    this.#heldProcesses.delete(processId);
  }

  /** The connection to the executor is gone. */
  lost(): void {
    this.#isLost = true;
    for (const file of this.#openFiles) this.#lostFiles.add(file);
    this.#openFiles.clear();
    for (const [requestId, { seq, isBegun }] of this.#bodies) {
      if (!isBegun) continue;
      this.#bodies.delete(requestId);
      const end = { requestId, seq: seq + 1, deltaBase64: "", done: true, error: LOST_BODY };
      this.#tell("http/request/bodyDelta", end);
    }
  }

  /** There is another one. */
  async found(ask: Ask): Promise<void> {
    this.#isLost = false;
    const watchId = this.#missingWatch;
    this.#missingWatch = undefined;
    // What it waited for may have come meanwhile: who is told so looks.
    if (watchId !== undefined) this.#tell("fs/missingChanged", { watchId });
    const held = [...this.#heldProcesses].map((processId) => ask("holdfast/holdOutput", { processId, held: true }));
    const watches = [...this.#watches].map(([id, params]) => this.#watchAgain(id, params, ask));
    await Promise.allSettled([...held, ...watches]);
  }

  async #watchAgain(watchId: unknown, params: Params, ask: Ask): Promise<void> {
    try {
      await ask("holdfast/watch", params);
      // What was on its way when the connection broke is gone.
      if (this.#watches.get(watchId) === params) {
        this.#tell("holdfast/watchEvents", { watchId, events: [{ type: "overflow" }] });
      }
    } catch (error) {
      if (this.#watches.get(watchId) !== params) return;
      this.#watches.delete(watchId);
      const reason = error instanceof Error ? error.message : String(error);
      this.#tell("holdfast/watchEvents", { watchId, events: [], end: reason });
    }
  }
}
