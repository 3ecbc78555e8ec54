import type { RequestHandler } from "@holdfast/protocol-kit";
import type { AppServerCallbackHandlers } from "../client.ts";
import {
  APPROVAL_FORMS,
  type ApprovalForm,
  type ApprovalMethod,
  type ApprovalParams,
  type ApprovalRequest,
  type ApprovalResponse,
  type Approve,
} from "./approval.ts";
import type { TurnRun } from "./turn-run.ts";

/** What the client knows about a request beside its params. */
export interface ApprovalContext {
  /** Aborted when nobody waits for the answer any more: another client gave it, or the connection is gone. */
  readonly signal?: AbortSignal | undefined;
}

/** An open thread, as far as approvals go. */
export interface Registration {
  readonly approve: Approve | undefined;
  /** Those that are not over. */
  readonly runs: ReadonlySet<TurnRun>;
  /** It has one more run, until that is over. */
  begin(run: TurnRun): void;
  forget(): void;
}

/** Finds who decides about what a server asks, and gives the answer the form of its method. */
export class ApprovalDesk {
  readonly #approve: Approve | undefined;
  readonly #registrations = new Map<string, Set<Registration>>();

  constructor(approve: Approve | undefined) {
    this.#approve = approve;
  }

  /** A thread is kept until it is forgotten where it has a callback, and else for as long as it has runs. */
  register(threadId: string, approve: Approve | undefined): Registration {
    const runs = new Set<TurnRun>();
    const registration: Registration = {
      approve,
      runs,
      begin: (run) => {
        runs.add(run);
        this.#keep(threadId, registration);
        void run.over.then(() => {
          runs.delete(run);
          if (approve === undefined && runs.size === 0) registration.forget();
        });
      },
      forget: () => {
        const all = this.#registrations.get(threadId);
        if (all?.delete(registration) && all.size === 0) this.#registrations.delete(threadId);
      },
    };
    if (approve !== undefined) this.#keep(threadId, registration);
    return registration;
  }

  #keep(threadId: string, registration: Registration): void {
    const all = this.#registrations.get(threadId) ?? new Set();
    this.#registrations.set(threadId, all.add(registration));
  }

  /** Handlers of a client in which callbacks decide first, then what the client has itself; what nobody decides about is declined. */
  handlers<Context extends ApprovalContext>(
    others: AppServerCallbackHandlers<Context>,
  ): AppServerCallbackHandlers<Context> {
    return {
      ...others,
      "item/commandExecution/requestApproval": this.#handler("item/commandExecution/requestApproval", others),
      "item/fileChange/requestApproval": this.#handler("item/fileChange/requestApproval", others),
      "item/permissions/requestApproval": this.#handler("item/permissions/requestApproval", others),
      "mcpServer/elicitation/request": this.#handler("mcpServer/elicitation/request", others),
    };
  }

  #handler<Method extends ApprovalMethod, Context extends ApprovalContext>(
    method: Method,
    others: AppServerCallbackHandlers<Context>,
  ): (params: ApprovalParams<Method>, context: Context) => Promise<ApprovalResponse<Method>> {
    const other = others[method] as
      | RequestHandler<ApprovalParams<Method>, ApprovalResponse<Method>, Context>
      | undefined;
    return async (params, context) => {
      const decided = this.#answer(method, params, context);
      if (decided !== undefined) return decided;
      const form: ApprovalForm<Method> = APPROVAL_FORMS[method];
      return typeof other === "function" ? other(params, context) : form.answer("decline", params);
    };
  }

  #answer<Method extends ApprovalMethod>(
    method: Method,
    params: ApprovalParams<Method>,
    context: ApprovalContext,
  ): Promise<ApprovalResponse<Method>> | undefined {
    const form: ApprovalForm<Method> = APPROVAL_FORMS[method];
    const subject = form.read(params);
    if (subject === undefined) return undefined;
    const { type, threadId, turnId, itemId } = subject;
    const registrations = [...(this.#registrations.get(threadId) ?? [])];
    const runs = registrations.flatMap((registration) => [...registration.runs]).filter((run) => run.mayBe(turnId));
    const run = runs.find(({ approve }) => approve !== undefined) ?? runs[0];
    const approve =
      run?.approve ?? registrations.findLast((one) => one.approve !== undefined)?.approve ?? this.#approve;
    if (approve === undefined) return undefined;
    const item = itemId === undefined ? undefined : run?.openItem(itemId);
    const ask = (signal: AbortSignal) => approve({ type, params, threadId, turnId, item, signal } as ApprovalRequest);
    return this.#ask(form, params, { run, context, ask });
  }

  async #ask<Method extends ApprovalMethod>(
    form: ApprovalForm<Method>,
    params: ApprovalParams<Method>,
    {
      run,
      context,
      ask,
    }: {
      readonly run: TurnRun | undefined;
      readonly context: ApprovalContext;
      readonly ask: (signal: AbortSignal) => ReturnType<Approve>;
    },
  ): Promise<ApprovalResponse<Method>> {
    const withdrawn = new AbortController();
    const withdraw = (): void => withdrawn.abort();
    if (context.signal?.aborted) withdraw();
    context.signal?.addEventListener("abort", withdraw, { once: true });
    void run?.over.then(withdraw);
    try {
      const decision = await ask(withdrawn.signal);
      const answer = form.answer(decision, params);
      // Its answer has no word for it.
      if (decision === "cancel" && form === APPROVAL_FORMS["item/permissions/requestApproval"]) void run?.interrupt();
      return answer;
    } catch (error) {
      // A callback that gives up because its signal says so has nothing to tell, and nobody waits for what it would allow.
      if (withdrawn.signal.aborted) return form.answer("decline", params);
      if (run === undefined) throw error;
      run.approvalFailed(error);
      return form.answer("cancel", params);
    } finally {
      context.signal?.removeEventListener("abort", withdraw);
    }
  }
}
