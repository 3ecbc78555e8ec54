import type { PathUri } from "@holdfast/path-uri";
import type { FramePort } from "@holdfast/rpc";
import { describe, expectTypeOf, test } from "vitest";
import {
  type CollectedOutput,
  connect,
  type Executor,
  type ExitStatus,
  type OutputEvent,
  type ProcessEvent,
  type RunInterruptedError,
  type RunningProcess,
  type RunOptions,
  type RunResult,
} from "../src/index.ts";

/** Answers every access and call with itself: only the types below are looked at. */
const anything: unknown = new Proxy(() => anything, { get: () => anything });
const executor = anything as Executor;
const started = anything as RunningProcess;

describe("types", () => {
  test("run gives text unless bytes are asked for", () => {
    expectTypeOf(() => executor.run(["a"])).returns.resolves.toEqualTypeOf<RunResult<string>>();
    expectTypeOf(() => executor.run(["a"], { encoding: "utf8" })).returns.resolves.toEqualTypeOf<RunResult<string>>();
    expectTypeOf(() => executor.run(["a"], { encoding: "bytes" })).returns.resolves.toEqualTypeOf<
      RunResult<Uint8Array<ArrayBuffer>>
    >();
    expectTypeOf<RunResult["stdout"]>().toEqualTypeOf<string>();
    expectTypeOf<RunInterruptedError["partial"]>().toEqualTypeOf<CollectedOutput<string | Uint8Array<ArrayBuffer>>>();
  });

  test("options of run can be passed on", () => {
    const sh = (script: string, options?: RunOptions) => executor.run(["sh", "-c", script], options);
    expectTypeOf(sh).returns.resolves.toEqualTypeOf<RunResult<string>>();
    const either = (options: RunOptions<"utf8" | "bytes">) => executor.run(["a"], options);
    expectTypeOf(either).returns.resolves.toEqualTypeOf<RunResult<string | Uint8Array<ArrayBuffer>>>();
    const partial = (error: RunInterruptedError<string>): string => error.partial.stdout;
    expectTypeOf(partial).toBeFunction();
  });

  test("output is what the platform's streams and blobs take", () => {
    expectTypeOf(started.stdout).toEqualTypeOf<ReadableStream<Uint8Array<ArrayBuffer>>>();
    expectTypeOf<OutputEvent["data"]>().toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  });

  test("a command line is a list, never a string", () => {
    // @ts-expect-error
    expectTypeOf(() => executor.run("npm test")).returns.toBeAny();
    expectTypeOf(executor.run).toBeCallableWith(["npm", "test"] as const, { env: process.env });
  });

  test("events are told apart by type", () => {
    expectTypeOf(started.events()).toExtend<AsyncIterable<ProcessEvent>>();
    expectTypeOf<Extract<ProcessEvent, { type: "output" }>>().toEqualTypeOf<OutputEvent>();
    expectTypeOf<ProcessEvent["type"]>().toEqualTypeOf<"output" | "exited" | "closed">();
    expectTypeOf(started.closed).resolves.toEqualTypeOf<ExitStatus>();
  });

  test("executors and processes are disposable", () => {
    expectTypeOf<Executor>().toExtend<AsyncDisposable>();
    expectTypeOf<RunningProcess>().toExtend<AsyncDisposable>();
  });

  test("paths go in as text and come out proven", () => {
    expectTypeOf(executor.fs.canonicalize).returns.resolves.toEqualTypeOf<PathUri>();
    expectTypeOf(executor.fs.readFile).parameter(0).toEqualTypeOf<string | URL>();
  });

  test("a target is a URL, a command, a way to dial or a port", () => {
    expectTypeOf(connect).toBeCallableWith("ws://a");
    expectTypeOf(connect).toBeCallableWith(new URL("ws://a"));
    expectTypeOf(connect).toBeCallableWith({ command: "codex", args: ["exec-server", "--listen", "stdio"] });
    expectTypeOf(connect).toBeCallableWith({ dial: () => Promise.resolve(anything as FramePort) });
    // @ts-expect-error
    expectTypeOf(connect).toBeCallableWith({ args: [] });
  });
});
