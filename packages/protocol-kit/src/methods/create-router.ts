import { clip } from "../validate/refusal-text.ts";
import { type BoundMethod, methodsFrom } from "./bound-method.ts";
import { LateRefusal } from "./late-refusal.ts";
import type { Side } from "./method-row.ts";
import type { Protocol, Refusal, Refusals } from "./protocol.ts";
import { typeSource } from "./type-source.ts";

/** Answers requests, or marks a method that is left out on purpose and refused as an unknown one. */
export type RequestHandler<Params, Result, Context> =
  | ((params: Params, context: Context) => Result | Promise<Result>)
  | "unsupported";

/** Takes notices. */
export type NoticeHandler<Params, Context> = (params: Params, context: Context) => void;

/** A request as far as it goes without a handler. */
export type RoutedRequest<Method extends string, Context, Family extends string = string> =
  | ({ readonly kind: "refused" } & Refusal)
  | {
      readonly kind: "ready";
      readonly method: Method;
      /** Group that the gate before it names in a refusal; undefined for a method that passes without one. */
      readonly family: Family | undefined;
      /** Call the handler with the decoded params. */
      run(context: Context): unknown;
    };

/** A notice as far as it goes without a handler. */
export type RoutedNotice<Method extends string, Context> =
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "ready"; readonly method: Method; run(context: Context): unknown };

/** Finds the handler of an inbound message and decodes its params, in the order of checks that peers expect. */
export interface Router<
  RequestMethod extends string,
  NoticeMethod extends string,
  Context,
  Family extends string = string,
> {
  /** Method first, then params. Nothing has run when it returns. */
  request(method: string, params: unknown): RoutedRequest<RequestMethod, Context, Family>;
  notice(method: string, params: unknown): RoutedNotice<NoticeMethod, Context>;
  /**
   * Settles when the validators are there, which some protocols load late. A request that is routed before reads its params when it runs,
   * and rejects with its refusal; a notice must not be routed before.
   */
  whenReady(): Promise<void>;
}

/** Params are what the table says about their method, which is where the type of each handler comes from. */
type AnyHandler<Context> = ((params: never, context: Context) => unknown) | "unsupported";

/** The handlers of one side. */
export interface RouterOptions<Handlers> {
  /** The side that sends what is answered here. */
  readonly from: Side;
  /** Who answers, for refusals: `executor` or `client`. */
  readonly role: string;
  readonly refusals: Refusals;
  /** By method. One that is missing is as one that is left out. */
  readonly handlers: Handlers;
}

interface Route<Family extends string, Context> {
  readonly method: BoundMethod<Family>;
  readonly handler: (params: never, context: Context) => unknown;
}

/** @throws Error for a method without types. */
export function createRouter<
  RequestMethod extends string,
  NoticeMethod extends string,
  Context,
  Family extends string = string,
>(
  protocol: Protocol<Family>,
  {
    from,
    role,
    refusals,
    handlers,
  }: RouterOptions<Readonly<Partial<Record<RequestMethod | NoticeMethod, AnyHandler<Context>>>>>,
): Router<RequestMethod, NoticeMethod, Context, Family> {
  const requests = new Map<string, Route<Family, Context>>();
  const notices = new Map<string, Route<Family, Context>>();
  const answered: Readonly<Record<string, AnyHandler<Context> | undefined>> = handlers;
  const source = typeSource(protocol.types);
  for (const method of methodsFrom(protocol, from, source)) {
    const handler = Object.hasOwn(answered, method.name) ? answered[method.name] : undefined;
    if (handler === undefined || handler === "unsupported") continue;
    (method.row.kind === "request" ? requests : notices).set(method.name, { method, handler });
  }

  return {
    whenReady: () => source.load(),

    request(name, params) {
      const route = requests.get(name);
      if (route === undefined) return { kind: "refused", ...refusals.unknownMethod(name) };
      const { method, handler } = route;
      const ready = { kind: "ready", method: name as RequestMethod, family: method.row.family ?? undefined } as const;
      if (source.types === undefined) {
        return {
          ...ready,
          async run(context) {
            await source.load();
            const decoded = method.readParams(params);
            if (!decoded.ok) throw new LateRefusal(refusals.invalidParams(name, decoded.message));
            return handler(decoded.value as never, context);
          },
        };
      }
      const decoded = method.readParams(params);
      if (!decoded.ok) return { kind: "refused", ...refusals.invalidParams(name, decoded.message) };
      return { ...ready, run: (context) => handler(decoded.value as never, context) };
    },

    notice(name, params) {
      const route = notices.get(name);
      if (route === undefined) {
        return { kind: "refused", message: `notice \`${clip(name)}\` is not known to this ${role}` };
      }
      const decoded = route.method.readParams(params);
      if (!decoded.ok) return { kind: "refused", message: `invalid params of notice \`${name}\`: ${decoded.message}` };
      return {
        kind: "ready",
        method: name as NoticeMethod,
        run: (context) => route.handler(decoded.value as never, context),
      };
    },
  };
}
