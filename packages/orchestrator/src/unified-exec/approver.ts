import type { Clock } from "@holdfast/rpc";
import type { ApprovalDecision, ApprovalRequest, AskApproval } from "./approvals.ts";
import { rejected, wordsOf } from "./exec-error.ts";
import { APPROVAL_TIMEOUT_MS, APPROVED_COMMANDS_MAX } from "./limits.ts";
import { LinkedAbort } from "./linked-abort.ts";

/** Asks for approval, with an end to the wait, and remembers what was approved for the session. */
export class Approver {
  readonly #ask: AskApproval | undefined;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** The oldest first. */
  readonly #approved = new Set<string>();
  readonly #asking = new Set<LinkedAbort>();

  constructor({
    ask,
    clock,
    timeoutMs = APPROVAL_TIMEOUT_MS,
  }: {
    readonly ask: AskApproval | undefined;
    readonly clock: Clock;
    readonly timeoutMs?: number | undefined;
  }) {
    this.#ask = ask;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves when it is approved.
   *
   * @throws ExecError `rejected`: it is not, nobody can be asked, or nobody answers in time. @throws The reason of `signal`, once it is aborted.
   */
  async approve(request: ApprovalRequest, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const key = keyOf(request);
    if (this.#approved.has(key)) return;
    if (this.#ask === undefined) throw rejected("nobody can be asked to approve it");
    switch (await this.#decision(this.#ask, request, signal)) {
      case "accept":
        return;
      case "accept-for-session":
        this.#remember(key);
        return;
      default:
        throw rejected("rejected by user");
    }
  }

  /** Nobody is waited for any longer. */
  close(): void {
    for (const wanted of this.#asking) wanted.abort(rejected("commands are not run any more"));
  }

  async #decision(
    ask: AskApproval,
    request: ApprovalRequest,
    signal: AbortSignal | undefined,
  ): Promise<ApprovalDecision> {
    using wanted = new LinkedAbort(signal);
    const given = Promise.withResolvers<ApprovalDecision>();
    const { signal: wantedSignal } = wanted;
    wantedSignal.addEventListener("abort", () => given.reject(wantedSignal.reason), { once: true });
    const late = rejected(`nobody has answered the request for approval within ${this.#timeoutMs / 1_000} s`);
    const timer = this.#clock.after(this.#timeoutMs, () => wanted.abort(late));
    this.#asking.add(wanted);
    const asked = async (): Promise<ApprovalDecision> => await ask(request, wantedSignal);
    asked().then(given.resolve, (cause: unknown) =>
      given.reject(rejected(`the request for approval failed: ${wordsOf(cause)}`, cause)),
    );
    try {
      return await given.promise;
    } finally {
      timer.cancel();
      this.#asking.delete(wanted);
    }
  }

  #remember(key: string): void {
    this.#approved.add(key);
    const [oldest] = this.#approved;
    if (this.#approved.size > APPROVED_COMMANDS_MAX && oldest !== undefined) this.#approved.delete(oldest);
  }
}

/** The same command: in the same place, with the same rights. */
function keyOf({ environmentId, argv, cwd, unsandboxed }: ApprovalRequest): string {
  return JSON.stringify([environmentId, argv, cwd, unsandboxed]);
}
