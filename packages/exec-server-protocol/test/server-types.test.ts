import type { ProcessStartParams, ProcessStartResult } from "@holdfast/exec-server-protocol";
import type { ExecServerHandlers, ExecServerRouter } from "@holdfast/exec-server-protocol/server";
import { expect, expectTypeOf, test } from "vitest";

type Handlers = ExecServerHandlers<{ connection: number }>;

test("a handler takes the params and the context, or says unsupported", () => {
  expectTypeOf<Handlers["process/start"]>().toEqualTypeOf<
    | ((
        params: ProcessStartParams,
        context: { connection: number },
      ) => ProcessStartResult | Promise<ProcessStartResult>)
    | "unsupported"
  >();
  expectTypeOf<"unsupported">().not.toExtend<Handlers["initialized"]>();
});

test("a forgotten handler does not compile", () => {
  const handlers = { "process/signal": () => ({}) };
  // @ts-expect-error the other entries are missing
  const incomplete: Handlers = handlers;
  expect(incomplete).toBe(handlers);
});

test("the router gives back method names, not any text", () => {
  type Ready = Extract<ReturnType<ExecServerRouter<unknown>["request"]>, { kind: "ready" }>;
  expectTypeOf<Ready["method"]>().extract<"process/output" | "toString">().toBeNever();
  expectTypeOf<"fs/walk">().toExtend<Ready["method"]>();
});
