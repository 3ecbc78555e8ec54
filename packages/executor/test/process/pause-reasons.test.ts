import { describe, expect, test } from "vitest";
import { ManagedProcess, type OutputChunk, type OutputSpool } from "../../src/process/index.ts";
import { FakeChild } from "./fake-child.ts";
import { FACTS, newInput } from "./new-input.ts";

/** A spool whose writes take until they are told to end. */
class SlowSpool implements OutputSpool {
  isOn = true;
  lastSeq = 0;
  #written = Promise.withResolvers<void>();

  async write(chunks: readonly OutputChunk[]): Promise<void> {
    await this.#written.promise;
    this.lastSeq = chunks.at(-1)?.seq ?? this.lastSeq;
  }

  async end(): Promise<void> {
    this.#written.resolve();
    this.#written = Promise.withResolvers();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async read(): Promise<readonly OutputChunk[]> {
    return [];
  }

  dispose(): void {
    this.isOn = false;
  }

  handOver(): "unused" {
    return "unused";
  }
}

function starting() {
  const spool = new SlowSpool();
  const child = new FakeChild();
  const process = new ManagedProcess({
    id: "p",
    hasInput: false,
    facts: FACTS,
    retention: { maxRetainedBytes: 100, maxRetainedChunks: 100 },
    ...newInput(),
    spool,
    sink: { output: () => {}, exited: () => {}, closed: () => {} },
  });
  const print = (bytes: number) => process.events.output("stdout", Buffer.alloc(bytes));
  return { process, child, spool, print };
}

function running() {
  const parts = starting();
  parts.process.adopt(parts.child);
  return parts;
}

describe("a process whose output has to wait", () => {
  test("is read again when the last reason is gone, in whatever order they go", () => {
    const { process, child } = running();
    process.pauseOutput("line");
    process.pauseOutput("backlog");
    process.pauseOutput("line");
    process.resumeOutput("line");
    expect(child.output).toBe("paused");
    process.resumeOutput("backlog");
    expect(child.output).toBe("read");
  });

  test("waits for a slow spool, and no longer than that", async () => {
    const { child, spool, print } = running();
    print(80);
    expect(child.output).toBe("read");
    print(30);
    expect(child.output).toBe("paused");
    await spool.end();
    expect(child.output).toBe("read");
  });

  test("goes on waiting for the line when the spool has room", async () => {
    const { process, child, spool, print } = running();
    print(80);
    print(30);
    process.pauseOutput("line");
    await spool.end();
    expect(child.output).toBe("paused");
    process.resumeOutput("line");
    expect(child.output).toBe("read");
  });

  test("is read to its end once it was told to end, whatever the line does, but not past a full spool", async () => {
    const { process, child, spool, print } = running();
    process.pauseOutput("line");
    process.pauseOutput("backlog");
    print(80);
    print(30);
    expect(process.terminate()).toBe(true);
    expect([child.kills, child.output]).toEqual([1, "paused"]);
    await spool.end();
    expect(child.output).toBe("read");
    process.pauseOutput("line");
    process.pauseOutput("backlog");
    expect(child.output).toBe("read");
  });

  test("is not read from its start on when the line holds already", () => {
    const { process, child } = starting();
    process.pauseOutput("line");
    process.adopt(child);
    expect(child.output).toBe("paused");
    process.resumeOutput("line");
    expect(child.output).toBe("read");
  });
});
