import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { type Connected, connected } from "../support/connected.ts";
import { type Handler, NO_ANSWER, Refusal } from "../support/fake-exec-server.ts";

const refused: Handler = () => {
  throw new Refusal(-32603, "Permission denied (os error 13)");
};
const METHODS = ["readFile", "writeFile", "createDirectory", "getMetadata", "canonicalize", "readDirectory"];
const FILES = [...METHODS, "remove", "copy", "walk", "open"].map((name) => [`fs/${name}`, refused] as const);

const CALLS: readonly (readonly [
  name: string,
  call: (executor: Executor, signal?: AbortSignal) => Promise<unknown>,
])[] = [
  ["run", (executor, signal) => executor.run(["tool"], { cwd: "/a", signal })],
  ["processes.start", (executor, signal) => executor.processes.start({ argv: ["tool"], cwd: "/a" }, { signal })],
  ["processes.attach", (executor, signal) => executor.processes.attach("p", { signal })],
  ["fetch", (executor, signal) => executor.fetch("http://localhost/", { signal: signal ?? null })],
  ["fs.readFile", ({ fs }, signal) => fs.readFile("/a", { signal })],
  ["fs.readTextFile", ({ fs }, signal) => fs.readTextFile("/a", { signal })],
  ["fs.writeFile", ({ fs }, signal) => fs.writeFile("/a", "x", { signal })],
  ["fs.createDirectory", ({ fs }, signal) => fs.createDirectory("/a", { signal })],
  ["fs.metadata", ({ fs }, signal) => fs.metadata("/a", { signal })],
  ["fs.stat", ({ fs }, signal) => fs.stat("/a", { signal })],
  ["fs.canonicalize", ({ fs }, signal) => fs.canonicalize("/a", { signal })],
  ["fs.readDirectory", ({ fs }, signal) => fs.readDirectory("/a", { signal })],
  ["fs.remove", ({ fs }, signal) => fs.remove("/a", { signal })],
  ["fs.copy", ({ fs }, signal) => fs.copy("/a", "/b", { signal })],
  ["fs.walk", ({ fs }, signal) => fs.walk("/a", { signal })],
  ["fs.open", ({ fs }, signal) => fs.open("/a", { signal })],
];

async function asTheCallerDoes(call: () => Promise<unknown>): Promise<unknown> {
  return await call();
}

function failureOf(call: () => Promise<unknown>): Promise<unknown> {
  return asTheCallerDoes(call).catch((error: unknown) => error);
}

const hasCallersFrame = { stack: expect.stringContaining("asTheCallerDoes") };

describe("an error has a frame of its caller:", () => {
  let refusing: Connected;
  let silent: Connected;
  beforeAll(async () => {
    const all = [
      ...FILES,
      ...["process/start", "process/read", "http/request"].map((method) => [method, refused] as const),
    ];
    refusing = await connected(Object.fromEntries(all));
    silent = await connected(Object.fromEntries(all.map(([method]) => [method, () => NO_ANSWER])));
  });
  afterAll(async () => {
    await refusing.executor.close();
    await silent.executor.close();
  });

  test.each(CALLS)("a refused %s", async (_, call) => {
    expect(await failureOf(() => call(refusing.executor))).toMatchObject(hasCallersFrame);
  });

  test.each(CALLS)("an aborted %s, which is an AbortError with the reason", async (_, call) => {
    const controller = new AbortController();
    const failed = failureOf(() => call(silent.executor, controller.signal));
    const reason = new Error("enough");
    await new Promise<void>((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect(await failed).toMatchObject({
      name: "AbortError",
      code: "aborted",
      cause: reason,
      reason,
      ...hasCallersFrame,
    });
  });

  test.each(CALLS)("a %s that its signal ended in time, which is a TimeoutError with the reason", async (_, call) => {
    const signal = AbortSignal.timeout(1);
    const failed = await failureOf(() => call(silent.executor, signal));
    expect(failed).toMatchObject({ name: "TimeoutError", code: "timeout", ...hasCallersFrame });
    expect(failed).toHaveProperty("cause", signal.reason);
    expect(failed).toHaveProperty("reason", signal.reason);
  });

  test.each(CALLS)("a %s with a signal that was aborted before", async (_, call) => {
    const reason = new Error("before");
    const failed = await failureOf(() => call(silent.executor, AbortSignal.abort(reason)));
    expect(failed).toMatchObject({ name: "AbortError", cause: reason, reason, ...hasCallersFrame });
  });
});
