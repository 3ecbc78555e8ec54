import { describe, expect, test } from "vitest";
import { feedInput } from "../../../src/process/input/feed-input.ts";
import { type InputSource, readInput } from "../../../src/process/input/input-source.ts";
import type { StdinEnd } from "../../../src/process/input/stdin-end.ts";

/** A stdin that takes a block when it is told to. */
class ScriptedStdin implements StdinEnd {
  readonly blockBytes = 8;
  readonly written: string[] = [];
  isClosed = false;
  hasRoom = false;
  #settled: Promise<void> = Promise.resolve();
  readonly #takes: () => Promise<void>;

  constructor(takes: () => Promise<void> = async () => {}) {
    this.#takes = takes;
  }

  write(data: string | Uint8Array): Promise<void> {
    const written = this.#takes().then(() => {
      this.written.push(Buffer.from(data as Uint8Array).toString());
    });
    this.#settled = Promise.allSettled([this.#settled, written]).then(() => {});
    return written;
  }

  /** There is room for one block on the way, or for any number. */
  async sent(): Promise<void> {
    if (!this.hasRoom) await this.#settled;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  async probe(): Promise<boolean> {
    return true;
  }
}

const RUNNING = { id: "p", exited: new Promise<never>(() => {}) };

function feed(stdin: StdinEnd, source: InputSource, process: { id: string; exited: Promise<unknown> } = RUNNING) {
  return feedInput(process, stdin, readInput(source));
}

async function* each(...pieces: readonly string[]): AsyncGenerator<string, void, void> {
  yield* pieces;
}

describe("feeding a process", () => {
  test("ends with the process, also when a write was never answered", async () => {
    const exited = Promise.withResolvers<void>();
    const stdin = new ScriptedStdin(() => new Promise<never>(() => {}));
    const fed = feed(stdin, "abc", { id: "p", exited: exited.promise });
    exited.resolve();
    await fed;
    expect(stdin.isClosed).toBe(false);
  });

  test("sends everything in order, in blocks of what may be written at a time, and then the end", async () => {
    const stdin = new ScriptedStdin();
    await feed(stdin, "0123456789abcdefghij");
    expect(stdin.written).toEqual(["01234567", "89abcdef", "ghij"]);
    expect(stdin.isClosed).toBe(true);
  });

  test("puts together what came while a block was on its way", async () => {
    const gate = Promise.withResolvers<void>();
    const stdin = new ScriptedStdin(() => gate.promise);
    const isFed = feed(stdin, each("a", "b", "c", "d"));
    await new Promise<void>((resolve) => setImmediate(resolve));
    gate.resolve();
    await isFed;
    expect(stdin.written).toEqual(["a", "bcd"]);
  });

  test("sends the next block before the last is answered, as long as there is room", async () => {
    let asked = 0;
    const gate = Promise.withResolvers<void>();
    const stdin = new ScriptedStdin(() => {
      asked += 1;
      return gate.promise;
    });
    stdin.hasRoom = true;
    const isFed = feed(stdin, each("first", "second", "third"));
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(asked).toBe(3);
    gate.resolve();
    await isFed;
    expect(stdin.written).toEqual(["first", "second", "third"]);
  });

  test("stops and cancels a silent source when a write that was on its way is refused", async () => {
    const cancelled = Promise.withResolvers<void>();
    const stdin = new ScriptedStdin(() => Promise.reject(new Error("gone")));
    stdin.hasRoom = true;
    const source = new ReadableStream<string>({
      start: (controller) => controller.enqueue("some"),
      cancel: () => cancelled.resolve(),
    });
    await feed(stdin, source);
    await cancelled.promise;
    expect(stdin.isClosed).toBe(false);
  });

  test("reads no more than 1 MiB ahead", async () => {
    const gate = Promise.withResolvers<void>();
    let read = 0;
    const source = (async function* () {
      for (; read < 64; read += 1) yield new Uint8Array(65_536);
    })();
    const isFed = feed(Object.assign(new ScriptedStdin(() => gate.promise), { blockBytes: 65_536 }), source);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(read).toBeLessThanOrEqual(17);
    gate.resolve();
    await isFed;
    expect(read).toBe(64);
  });

  test("stops and cancels the source when the process has ended", async () => {
    const ended = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    const stdin = new ScriptedStdin();
    const silent = new ReadableStream<string>({ cancel: () => cancelled.resolve() });
    const isFed = feed(stdin, silent, { id: "p", exited: ended.promise });
    ended.resolve();
    await isFed;
    await cancelled.promise;
    expect(stdin.isClosed).toBe(false);
  });

  test("stops and cancels the source when a write is refused, also one that never ends and can not be cancelled", async () => {
    const stdin = new ScriptedStdin(() => Promise.reject(new Error("gone")));
    const endless = { next: async () => ({ done: false, value: "x" }) };
    await feed(stdin, { [Symbol.asyncIterator]: () => endless } as unknown as AsyncIterable<string>);
    expect(stdin.written).toEqual([]);
  });

  test("fails with the error of the source, and tells the process no end", async () => {
    const stdin = new ScriptedStdin();
    const cause = new Error("mine");
    const source = (async function* () {
      yield "some";
      throw cause;
    })();
    const error = { name: "ProcessInputError", code: "sourceFailed", processId: "p", cause };
    await expect(feed(stdin, source)).rejects.toMatchObject(error);
    expect(stdin.isClosed).toBe(false);
  });

  test("does not fail for a source that breaks once nobody reads it", async () => {
    const stdin = new ScriptedStdin();
    const ended = Promise.withResolvers<void>();
    const breaks = Promise.withResolvers<string>();
    const source = (async function* () {
      yield await breaks.promise;
    })();
    const isFed = feed(stdin, source, { id: "p", exited: ended.promise });
    ended.resolve();
    await isFed;
    breaks.reject(new Error("late"));
  });
});
