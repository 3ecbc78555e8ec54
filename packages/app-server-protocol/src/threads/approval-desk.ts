import type { RequestHandler, RpcId, Unsubscribe } from "@holdfast/protocol-kit";
import type { AppServerCallbackHandlers } from "../client.ts";
import type { AppServerClient } from "../gen/stub-types.gen.ts";
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
  /** Its id: a server tells by it when it does not want an answer any more. */
  readonly id?: RpcId | undefined;
  /** Aborted when the answer can not be delivered any more. */
  readonly signal?: AbortSignal | undefined;
}

/** An open thread, as far as approvals go. */
export interface Registration {
  readonly approve: Approve | undefined;
  /** Those that are not over. */
  readonly runs: Set<TurnRun>;
  forget(): void;
}

/** Finds who decides about what a server asks, and gives the answer the form of its method. */
export class ApprovalDesk {
  readonly #client: AppServerClient;
  readonly #approve: Approve | undefined;
  readonly #registrations = new Map<string, Set<Registration>>();
  /** What is asked and not answered, with the id of the request. */
  readonly #open = new Map<AbortController, RpcId | undefined>();
  #unsubscribe: Unsubscribe | undefined;

  constructor(client: AppServerClient, approve: Approve | undefined) {
    this.#client = client;
    this.#approve = approve;
  }

  register(threadId: string, approve: Approve | undefined): Registration {
    const all = this.#registrations.get(threadId) ?? new Set();
    const registration: Registration = {
      approve,
      runs: new Set(),
      forget: () => {
        if (all.delete(registration) && all.size === 0) this.#registrations.delete(threadId);
      },
    };
    this.#registrations.set(threadId, all.add(registration));
    return registration;
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
    const read = form.read(params);
    if (read === undefined) return undefined;
    const turnId = params.turnId ?? undefined;
    const registrations = [...(this.#registrations.get(params.threadId) ?? [])];
    const runs = registrations.flatMap((registration) => [...registration.runs]).filter((run) => run.mayBe(turnId));
    const run = runs.find(({ approve }) => approve !== undefined) ?? runs[0];
    const approve =
      run?.approve ?? registrations.findLast((one) => one.approve !== undefined)?.approve ?? this.#approve;
    if (approve === undefined) return undefined;
    const about = { type: read.type, params, threadId: params.threadId, turnId };
    const item = read.itemId === undefined ? undefined : run?.openItem(read.itemId);
    return this.#ask(form, params, {
      run,
      context,
      ask: (signal) => approve({ ...about, item, signal } as ApprovalRequest),
    });
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
    context.signal?.addEventListener("abort", withdraw, { once: true });
    void run?.over.then(withdraw);
    this.#opened(withdrawn, context.id);
    try {
      const decision = await ask(withdrawn.signal);
      const answer = form.answer(decision, params);
      // Its answer has no word for it.
      if (decision === "cancel" && form === APPROVAL_FORMS["item/permissions/requestApproval"]) void run?.interrupt();
      return answer;
    } catch (error) {
      if (run === undefined) throw error;
      run.approvalFailed(error);
      return form.answer("cancel", params);
    } finally {
      context.signal?.removeEventListener("abort", withdraw);
      this.#closed(withdrawn);
    }
  }

  #opened(withdrawn: AbortController, id: RpcId | undefined): void {
    this.#open.set(withdrawn, id);
    this.#unsubscribe ??= this.#client.on("serverRequest/resolved", ({ requestId }) => {
      for (const [open, openId] of this.#open) if (openId !== undefined && isSameId(openId, requestId)) open.abort();
    });
  }

  #closed(withdrawn: AbortController): void {
    this.#open.delete(withdrawn);
    if (this.#open.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }
}

/** Integers are `bigint` where they are large; 7 and "7" are two ids. */
function isSameId(one: RpcId, other: RpcId): boolean {
  return String(one) === String(other) && (typeof one === "string") === (typeof other === "string");
}
