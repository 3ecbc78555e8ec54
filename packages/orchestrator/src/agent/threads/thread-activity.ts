import type { ThreadStatus } from "@holdfast/app-server-protocol";

/** Which flag a question raises while it is open. */
export type Waiting = "waitingOnApproval" | "waitingOnUserInput";

const IDLE: ThreadStatus = { type: "idle" };
const SYSTEM_ERROR: ThreadStatus = { type: "systemError" };

/** What a thread is doing, as clients are told. Each change is told once. */
export class ThreadActivity {
  readonly #tell: (status: ThreadStatus) => void;
  readonly #waiting = new Map<symbol, Waiting>();
  #status: ThreadStatus = IDLE;
  #isActive = false;

  constructor(tell: (status: ThreadStatus) => void) {
    this.#tell = tell;
  }

  get status(): ThreadStatus {
    return this.#status;
  }

  /** A turn begins. */
  begin(): void {
    this.#isActive = true;
    this.#showFlags();
  }

  /** The turn has failed, which it stays until another one begins. */
  fail(): void {
    this.#isActive = false;
    this.#set(SYSTEM_ERROR);
  }

  /** The turn is over. */
  end(hasFailed: boolean): void {
    this.#isActive = false;
    if (!hasFailed) this.#set(IDLE);
  }

  /** Show that somebody is waited for while that is so. */
  async whileWaiting<Answer>(waiting: Waiting, ask: () => Promise<Answer>): Promise<Answer> {
    const key = Symbol(waiting);
    this.#waiting.set(key, waiting);
    this.#showFlags();
    try {
      return await ask();
    } finally {
      this.#waiting.delete(key);
      this.#showFlags();
    }
  }

  #showFlags(): void {
    if (this.#isActive) this.#set({ type: "active", activeFlags: [...new Set(this.#waiting.values())] });
  }

  #set(status: ThreadStatus): void {
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    this.#status = status;
    this.#tell(status);
  }
}
