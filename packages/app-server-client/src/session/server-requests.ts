import { ERROR_CODES } from "@holdfast/app-server-protocol";
import {
  type AppServerCallbackHandlers,
  type AppServerCallbackRouter,
  createAppServerCallbackRouter,
} from "@holdfast/app-server-protocol/client";
import type { RpcId } from "@holdfast/protocol-kit";
import { isObject } from "@holdfast/protocol-kit";
import { type InboundCall, isRpcFault, RpcFault } from "@holdfast/rpc";

/** What a handler of a server's request gets besides the params. */
export interface ServerRequestContext {
  /** As the server numbered it. After a reconnect the server asks again under the same id. */
  readonly requestId: RpcId;
  /** Aborted when nobody waits for the answer any more: another client gave it, the turn is over, or the connection is gone. */
  readonly signal: AbortSignal;
}

/** Handlers of what servers ask, by wire name. */
export type ServerRequestHandlers = AppServerCallbackHandlers<ServerRequestContext>;

/** What is answered where there is no handler: nothing is allowed, and the turn goes on. Other requests are refused as unknown ones. */
const DECLINING: ServerRequestHandlers = {
  "item/commandExecution/requestApproval": () => ({ decision: "decline" }),
  "item/fileChange/requestApproval": () => ({ decision: "decline" }),
  "item/permissions/requestApproval": () => ({ permissions: {} }),
  "mcpServer/elicitation/request": () => ({ action: "decline" }),
};

/** Answers what the server asks. */
export class ServerRequests {
  #router: AppServerCallbackRouter<ServerRequestContext>;
  readonly #onError: (error: unknown, method: string) => void;
  /** Those that a handler works on, by their id. */
  readonly #withdrawals = new Map<RpcId, AbortController>();

  /** @param onError - Called with what a handler threw that is no `RpcFault`; the server reads of an internal error. */
  constructor(handlers: ServerRequestHandlers, onError: (error: unknown, method: string) => void) {
    this.#router = routerOf(handlers);
    this.#onError = onError;
  }

  /** Answer with these from now on, once their params can be read. */
  async use(handlers: ServerRequestHandlers): Promise<void> {
    const router = routerOf(handlers);
    await router.whenReady();
    this.#router = router;
  }

  /** Resolves when params can be read: to be awaited before anything is answered. */
  whenReady(): Promise<void> {
    return this.#router.whenReady();
  }

  /** @throws RpcFault */
  answer(call: InboundCall): unknown {
    const routed = this.#router.request(call.method, call.params);
    if (routed.kind === "refused") throw new RpcFault(routed.code, routed.message);
    return this.#run(call, (context) => routed.run(context));
  }

  /** The server has an answer, or wants none any more. */
  resolved(params: unknown): void {
    const requestId = isObject(params) ? (params.requestId as RpcId) : undefined;
    if (requestId !== undefined) this.#withdrawals.get(requestId)?.abort();
  }

  async #run(call: InboundCall, handle: (context: ServerRequestContext) => unknown): Promise<unknown> {
    const withdrawal = new AbortController();
    this.#withdrawals.set(call.id, withdrawal);
    const signal = AbortSignal.any([call.signal, withdrawal.signal]);
    try {
      return await handle({ requestId: call.id, signal });
    } catch (error) {
      if (isRpcFault(error)) throw error;
      // A handler that gives up because its signal says so has nothing to tell.
      if (!signal.aborted) this.#onError(error, call.method);
      throw new RpcFault(ERROR_CODES.InternalError, `the client failed to answer ${call.method}`, { cause: error });
    } finally {
      if (this.#withdrawals.get(call.id) === withdrawal) this.#withdrawals.delete(call.id);
    }
  }
}

function routerOf(handlers: ServerRequestHandlers): AppServerCallbackRouter<ServerRequestContext> {
  return createAppServerCallbackRouter<ServerRequestContext>({ ...DECLINING, ...definedOf(handlers) });
}

function definedOf(handlers: ServerRequestHandlers): ServerRequestHandlers {
  return Object.fromEntries(Object.entries(handlers).filter(([, handler]) => handler !== undefined));
}
