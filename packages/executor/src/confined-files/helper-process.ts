import type { Clock } from "@holdfast/rpc";
import { FileSystemFault, MAX_READ_FILE_BYTES } from "../filesystem/index.ts";
import type { Child, ChildEvents } from "../process/index.ts";
import { encodeFrame, type Frame, FrameDecoder, NO_PAYLOAD } from "./frames.ts";
import { HelperFault } from "./helper-fault.ts";
import type { HelperOperation, HelperOperations, HelperReply } from "./protocol.ts";

const MAX_ERROR_TEXT_BYTES = 4_096;
/** A listing of the largest folder, or a walk; content comes on top of it. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** How long a helper that should end may take. */
const END_MS = 2_000;
const FAULT_KINDS: readonly unknown[] = ["not-found", "invalid-input", "permission-denied", "other"];

/** What a helper answered. */
export interface HelperAnswer<Name extends HelperOperation> {
  readonly answers: HelperOperations[Name]["answers"];
  readonly payload: Buffer;
}

interface Pending {
  readonly operation: HelperOperation;
  resolve(answer: { readonly answers: unknown; readonly payload: Buffer }): void;
  reject(fault: Error): void;
}

/** `serving` until it is told to end or ends by itself, then `ending` or `ended` for good. */
type State =
  | { readonly kind: "starting" }
  | { readonly kind: "serving"; readonly child: Child }
  | { readonly kind: "ended"; readonly fault: Error };

/** A helper under one sandbox, and the calls that wait for it. It can end at any time, and everything that waits fails. */
export class HelperProcess {
  readonly #decoder: FrameDecoder;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: () => void;
  readonly #delay: Pick<Clock, "after">;
  #state: State = { kind: "starting" };
  #lastId = 0;
  #errorText = "";

  /** @param ended - Called once, when it takes no more calls. */
  constructor(delay: Pick<Clock, "after">, ended: () => void) {
    this.#delay = delay;
    this.#ended = ended;
    this.#decoder = new FrameDecoder(() => this.#maxAnswerBytes());
  }

  get isServing(): boolean {
    return this.#state.kind !== "ended";
  }

  /** Calls without an answer. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  readonly events: ChildEvents = {
    output: (stream, data) => {
      if (stream === "stdout") this.#read(data);
      else if (this.#errorText.length < MAX_ERROR_TEXT_BYTES) {
        this.#errorText = (this.#errorText + data.toString("utf8")).slice(0, MAX_ERROR_TEXT_BYTES);
      }
    },
    exited: (exitCode) => {
      const status = `fs sandbox helper failed with status exit status: ${exitCode}`;
      this.#fail(new HelperFault(`${status}: ${this.#errorText.trim()}`));
    },
    ended: () => {},
    inputBroken: () => {},
  };

  /** @param preamble - Goes to its standard input before the first call. */
  adopt(child: Child, preamble?: Buffer): void {
    if (this.#state.kind === "ended") child.kill();
    else {
      if (preamble !== undefined) child.write(preamble, () => {});
      this.#state = { kind: "serving", child };
    }
  }

  /** @throws FileSystemFault as the operation failed inside, or HelperFault when there is no answer. */
  call<Name extends HelperOperation>(
    operation: Name,
    takes: HelperOperations[Name]["takes"],
    payload: Buffer = NO_PAYLOAD,
  ): Promise<HelperAnswer<Name>> {
    if (this.#state.kind !== "serving") {
      return Promise.reject(
        this.#state.kind === "ended" ? this.#state.fault : new HelperFault("fs sandbox helper is starting"),
      );
    }
    const { child } = this.#state;
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<{ readonly answers: unknown; readonly payload: Buffer }>((resolve, reject) => {
      this.#pending.set(id, { operation, resolve, reject });
    });
    for (const part of encodeFrame({ json: { id, operation, takes }, payload })) child.write(part, () => {});
    return answer as Promise<HelperAnswer<Name>>;
  }

  /** End it now: everything that waits fails with `reason`. Idempotent. */
  end(reason: string): void {
    const { child } = this.#state.kind === "serving" ? this.#state : { child: undefined };
    this.#fail(new HelperFault(reason));
    child?.kill();
    // Nothing outside the sandbox holds its streams, but a stuck one must not keep this side's ends.
    if (child !== undefined) this.#delay.after(END_MS, () => child.abandonOutput());
  }

  #read(data: Buffer): void {
    if (this.#state.kind === "ended") return;
    try {
      for (const frame of this.#decoder.push(data)) this.#settle(frame);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.end(`failed to encode or decode fs sandbox helper message: ${reason}`);
    }
  }

  #settle({ json, payload }: Frame): void {
    const reply = checkedReply(json);
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) throw new Error(`the helper answered a request that was never made: ${reply.id}`);
    this.#pending.delete(reply.id);
    if (reply.status === "error")
      pending.reject(new FileSystemFault(reply.kind, reply.message, { code: reply.code, syscall: reply.syscall }));
    else if (reply.operation === pending.operation) pending.resolve({ answers: reply.answers, payload });
    else {
      const wrong = `expected ${pending.operation}, got ${reply.operation}`;
      pending.reject(new HelperFault(`unexpected fs sandbox helper response: ${wrong}`));
    }
  }

  #fail(fault: Error): void {
    if (this.#state.kind === "ended") return;
    this.#state = { kind: "ended", fault };
    for (const { reject } of this.#pending.values()) reject(fault);
    this.#pending.clear();
    this.#ended();
  }

  /** Content is large only where it is awaited. */
  #maxAnswerBytes(): number {
    const isReading = [...this.#pending.values()].some(({ operation }) => operation === "readFile");
    return MAX_ANSWER_BYTES + (isReading ? MAX_READ_FILE_BYTES : 0);
  }
}

/** @throws Error for anything but an answer. */
function checkedReply(json: unknown): HelperReply {
  if (typeof json !== "object" || json === null) throw new Error("an answer is not an object");
  const { id, status, kind, message, answers, operation, code, syscall } = json as Readonly<Record<string, unknown>>;
  if (typeof id === "number" && status === "error" && typeof message === "string" && FAULT_KINDS.includes(kind)) {
    const names = [code, syscall].every((name) => name === undefined || typeof name === "string");
    if (names) return json as HelperReply;
  }
  const isAnswer = typeof answers === "object" && answers !== null && typeof operation === "string";
  if (typeof id === "number" && status === "ok" && isAnswer) return json as HelperReply;
  throw new Error("an answer lacks what belongs to it");
}
