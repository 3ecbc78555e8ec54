import type {
  ClientNotices,
  ClientRequests,
  CommandExecParams,
  CommandExecResponse,
  ServerNotices,
  ServerRequests,
  ThreadItem,
  TurnStatus,
  UnknownWord,
} from "@holdfast/app-server-protocol";
import type { AppServerClient } from "@holdfast/app-server-protocol/client";
import type { AppServerHandlers, AppServerRouter } from "@holdfast/app-server-protocol/server";
import type { METHOD_SCHEMAS } from "@holdfast/app-server-protocol/zod";
import { expect, expectTypeOf, test } from "vitest";

type Handlers = AppServerHandlers<{ connection: number }>;

test("a handler takes the params and the context, or says unsupported", () => {
  expectTypeOf<Handlers["command/exec"]>().toEqualTypeOf<
    | ((
        params: CommandExecParams,
        context: { connection: number },
      ) => CommandExecResponse | Promise<CommandExecResponse>)
    | "unsupported"
  >();
});

test("a forgotten handler does not compile", () => {
  const handlers = { "turn/interrupt": () => ({}) };
  // @ts-expect-error the other entries are missing
  const incomplete: Handlers = handlers;
  expect(incomplete).toBe(handlers);
});

test("the router gives back method names, not any text", () => {
  type Ready = Extract<ReturnType<AppServerRouter<unknown>["request"]>, { kind: "ready" }>;
  expectTypeOf<Ready["method"]>().extract<"turn/completed" | "toString">().toBeNever();
  expectTypeOf<"turn/start">().toExtend<Ready["method"]>();
});

test("params that a release can do without may be left out", () => {
  expectTypeOf<AppServerClient["account"]["usage"]["read"]>().toBeCallableWith();
  expectTypeOf<AppServerClient["memory"]["reset"]>().toBeCallableWith({ timeoutMs: 5 });
  expectTypeOf<ClientRequests["account/usage/read"]["params"]>().extract<null>().toEqualTypeOf<null>();
});

test("listed words narrow, a default branch gets the others, and nobody sends one by accident", () => {
  function describe(item: ThreadItem): string {
    switch (item.type) {
      case "agentMessage":
        return item.text;
      case "commandExecution":
        return item.command;
      default:
        return item.id;
    }
  }
  expect(describe({ type: "agentMessage", id: "1", text: "x" })).toBe("x");
  expectTypeOf<TurnStatus>().extract<UnknownWord>().toEqualTypeOf<UnknownWord>();
  // @ts-expect-error: it is none of the words
  const status: TurnStatus = "exploded";
  // @ts-expect-error: a word with a slip in it is none either
  expect(status === "complted").toBe(false);
  expectTypeOf<CommandExecParams["command"]>().toEqualTypeOf<string[]>();
});

test("there is a validator for all that is sent", () => {
  type Method = keyof ClientRequests | keyof ServerRequests | keyof ClientNotices | keyof ServerNotices;
  expectTypeOf<keyof typeof METHOD_SCHEMAS>().toEqualTypeOf<Method>();
});
