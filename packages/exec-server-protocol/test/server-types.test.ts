import type {
  ClientNotices,
  ClientRequests,
  FsWriteFileParams,
  ProcessStartParams,
  ProcessStartResult,
  Received,
  ServerNotices,
  ServerRequests,
} from "@holdfast/exec-server-protocol";
import type { ExecServerHandlers, ExecServerRouter } from "@holdfast/exec-server-protocol/server";
import { METHOD_SCHEMAS } from "@holdfast/exec-server-protocol/zod";
import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import { expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";

type Handlers = ExecServerHandlers<{ connection: number }>;

test("a handler takes the params and the context, or says unsupported", () => {
  expectTypeOf<Handlers["process/start"]>().toEqualTypeOf<
    | ((
        params: Received<ProcessStartParams>,
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

test("the context of a sandbox arrives parsed", () => {
  type Sandbox = Received<ProcessStartParams>["sandbox"];
  expectTypeOf<Sandbox>().toEqualTypeOf<ParsedFileSystemSandboxContext | null | undefined>();
  expectTypeOf<Received<FsWriteFileParams>["sandbox"]>().toEqualTypeOf<Sandbox>();
});

test("every validator gives what the handlers and callers of its method get", () => {
  type Gives<T> = T extends null ? null : { readonly name: string; readonly schema: z.ZodType<Received<T>> };
  type Requests<Table extends { [M in keyof Table]: { params: unknown; result: unknown } }> = {
    readonly [M in keyof Table]: {
      readonly params: Gives<Table[M]["params"]>;
      readonly result: Gives<Table[M]["result"]>;
    };
  };
  type Notices<Table> = { readonly [M in keyof Table]: { readonly params: Gives<Table[M]> } };
  expectTypeOf(METHOD_SCHEMAS).toExtend<Requests<ClientRequests> & Requests<ServerRequests>>();
  expectTypeOf(METHOD_SCHEMAS).toExtend<Notices<ClientNotices> & Notices<ServerNotices>>();
});
