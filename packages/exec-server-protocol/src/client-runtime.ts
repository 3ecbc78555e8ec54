import type { z } from "zod";
import type { Received, Sendable } from "./base64-bytes.ts";
import type { ClientNotices, ClientRequests, ServerNotices } from "./gen/method-types.gen.ts";
import { QUICK_NOTICES, QUICK_RESULTS } from "./gen/quick-checks.gen.ts";
import { METHOD_SCHEMAS } from "./gen/zod.gen.ts";
import { InvalidMessageError } from "./invalid-message-error.ts";
import { isObject } from "./is-object.ts";
import type { CallOptions, LinkV1 } from "./link-port.ts";
import { validateRecord } from "./validate.ts";

interface Named<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/** The same table as the generated one, with each validator tied to the types of its method. */
const RESULTS: {
  readonly [M in keyof ClientRequests]: { readonly result: Named<Received<ClientRequests[M]["result"]>> };
} = METHOD_SCHEMAS;
const NOTICES: { readonly [M in keyof ServerNotices]: { readonly params: Named<Received<ServerNotices[M]>> } } =
  METHOD_SCHEMAS;

/** How a client stub behaves. */
export interface ExecServerClientOptions {
  /** Told of notices that are not what the protocol says; they are dropped. Default: nothing. */
  readonly onInvalid?: ((error: InvalidMessageError) => void) | undefined;
}

/** Stops hearing. */
export type Unsubscribe = () => void;

/** The few moves that every line of the generated stub delegates to. */
export class ClientRuntime {
  readonly #link: LinkV1;
  readonly #onInvalid: (error: InvalidMessageError) => void;

  constructor(link: LinkV1, options: ExecServerClientOptions) {
    this.#link = link;
    this.#onInvalid = options.onInvalid ?? (() => {});
  }

  /** @throws InvalidMessageError when the result is not what the protocol says. */
  async call<M extends keyof ClientRequests>(
    method: M,
    params: Sendable<ClientRequests[M]["params"]>,
    options?: CallOptions,
  ): Promise<Received<ClientRequests[M]["result"]>> {
    const answer = await this.#link.call(method, params, options);
    const quick = isObject(answer) ? QUICK_RESULTS[method]?.(answer) : undefined;
    if (quick !== undefined) return quick;
    const { schema, name } = RESULTS[method].result;
    const result = validateRecord(schema, name, answer);
    if (!result.ok) throw new InvalidMessageError(method, "result", result);
    return result.value;
  }

  notify<M extends keyof ClientNotices>(method: M, params: ClientNotices[M]): void {
    // Peers of every release take an empty object here.
    this.#link.notify(method, params ?? {});
  }

  on<M extends keyof ServerNotices>(method: M, handler: (notice: Received<ServerNotices[M]>) => void): Unsubscribe {
    const { schema, name } = NOTICES[method].params;
    const check = QUICK_NOTICES[method];
    return this.#link.on(method, (params) => {
      const quick = isObject(params) ? check?.(params) : undefined;
      if (quick !== undefined) {
        handler(quick);
        return;
      }
      const notice = validateRecord(schema, name, params);
      if (notice.ok) handler(notice.value);
      else this.#onInvalid(new InvalidMessageError(method, "params", notice));
    });
  }
}
