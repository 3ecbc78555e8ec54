import type { z } from "zod";
import type { Received, Sendable } from "./base64-bytes.ts";
import { ERROR_CODES } from "./errors.ts";
import { isObject } from "./is-object.ts";
import type { MethodFamily } from "./methods.ts";
import { clip } from "./refusal-text.ts";
import { type Validated, validateRecord, validateUnit } from "./validate.ts";

/** What the generated table says about one inbound method. */
export interface Route {
  readonly params: { readonly name: string; readonly schema: z.ZodType } | null;
  readonly family: MethodFamily | undefined;
}

/** A handler, or the word for a method that is left out on purpose and answered -32601. */
export type Handler<Params, Result, Context> =
  | ((params: Received<Params>, context: Context) => Sendable<Result> | Promise<Sendable<Result>>)
  | "unsupported";

/** A request as far as it goes without a handler. */
export type RoutedRequest<Method extends string, Context> =
  | { readonly kind: "refused"; readonly code: number; readonly message: string }
  | {
      readonly kind: "ready";
      readonly method: Method;
      /** What the handshake gate calls the method; undefined for a method that needs no handshake. */
      readonly family: MethodFamily | undefined;
      /** Call the handler with the decoded params. */
      run(context: Context): unknown;
    };

/** A notice as far as it goes without a handler. */
export type RoutedNotice<Method extends string, Context> =
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "ready"; readonly method: Method; run(context: Context): unknown };

/** Finds the handler of an inbound message and decodes its params, in the order of checks that peers expect. */
export interface Router<RequestMethod extends string, NoticeMethod extends string, Context> {
  /** Method first (-32601), then params (-32602). Nothing has run when it returns. */
  request(method: string, params: unknown): RoutedRequest<RequestMethod, Context>;
  notice(method: string, params: unknown): RoutedNotice<NoticeMethod, Context>;
}

type AnyHandler<Context> = ((params: never, context: Context) => unknown) | "unsupported";

/** The tables and handlers of one router. */
export interface RouterOptions<RequestMethod extends string, NoticeMethod extends string, Context> {
  /** Who answers, for refusals: `executor` or `client`. */
  readonly role: string;
  readonly requests: Readonly<Record<RequestMethod, Route>>;
  readonly notices: Readonly<Record<NoticeMethod, Route>>;
  readonly handlers: Readonly<Record<RequestMethod | NoticeMethod, AnyHandler<Context>>>;
  /** Take params that are as they should be; what they do not take is for the validators. */
  readonly quick?:
    | { readonly [M in RequestMethod]?: (params: Readonly<Record<string, unknown>>) => unknown }
    | undefined;
}

export function createRouter<RequestMethod extends string, NoticeMethod extends string, Context>(
  options: RouterOptions<RequestMethod, NoticeMethod, Context>,
): Router<RequestMethod, NoticeMethod, Context> {
  const { role, requests, notices, handlers, quick } = options;

  return {
    request(method, params) {
      const handler = isKey(requests, method) ? handlers[method] : "unsupported";
      if (!isKey(requests, method) || handler === "unsupported") {
        const message = `method \`${clip(method)}\` is not implemented by this ${role}`;
        return { kind: "refused", code: ERROR_CODES.MethodNotFound, message };
      }
      const route = requests[method];
      const known = isObject(params) ? quick?.[method]?.(params) : undefined;
      const decoded = known === undefined ? decode(route, params) : ({ ok: true, value: known } as const);
      if (!decoded.ok) return { kind: "refused", code: ERROR_CODES.InvalidParams, message: decoded.message };
      return {
        kind: "ready",
        method,
        family: route.family,
        run: (context) => handler(decoded.value as never, context),
      };
    },

    notice(method, params) {
      const handler = isKey(notices, method) ? handlers[method] : "unsupported";
      if (!isKey(notices, method) || handler === "unsupported") {
        return { kind: "refused", message: `notice \`${clip(method)}\` is not known to this ${role}` };
      }
      const decoded = decode(notices[method], params);
      if (!decoded.ok)
        return { kind: "refused", message: `invalid params of notice \`${method}\`: ${decoded.message}` };
      return { kind: "ready", method, run: (context) => handler(decoded.value as never, context) };
    },
  };
}

function isKey<Key extends string>(table: Readonly<Record<Key, unknown>>, name: string): name is Key {
  return Object.hasOwn(table, name);
}

function decode({ params: expected }: Route, params: unknown): Validated<unknown> {
  return expected === null ? validateUnit(params) : validateRecord(expected.schema, expected.name, params);
}
