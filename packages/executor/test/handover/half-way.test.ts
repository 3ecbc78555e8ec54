import { closeSync, constants, openSync, readSync } from "node:fs";
import { expect, test } from "vitest";
import type { HandedExecutor } from "../../src/handed-state.ts";
import { createExecutor } from "../../src/index.ts";
import { makePipe } from "../../src/platform/descriptors.ts";
import { OutgoingBytes } from "../../src/platform/handed-bytes.ts";
import { handed } from "./in-memory.ts";

/** What is in a pipe; undefined for nothing. */
function contentOf(readEnd: number): string | undefined {
  const fd = openSync(`/proc/self/fd/${readEnd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(100);
    return bytes.toString("latin1", 0, readSync(fd, bytes));
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

test.runIf(process.platform === "linux")(
  "a program that can't go on with all of it has written nothing to any input: the one before it does that",
  () => {
    const [readEnd, writeEnd] = makePipe() ?? [-1, -1];
    const bytes = new OutgoingBytes();
    const nothing = bytes.put();
    const session = { descent: { blocks: [], next: 0, left: 0 }, told: [], watches: [], interruptedArchives: [] };
    const staging = { outcomes: [], interrupted: [] };
    const facts = { argv: ["cat"], isArgvCut: false, cwd: undefined, isTerminal: false, startedAtMs: 0 };
    const input = { acceptedIds: [], waiting: bytes.put(Buffer.from("waits")), isBroken: false, end: "open" } as const;
    const stdin = { fd: writeEnd, untaken: bytes.put(Buffer.from("not taken, ")) };
    const running = {
      id: "running",
      hasInput: true,
      facts,
      child: { kind: "pipes", leader: { pid: process.pid }, stdin },
      log: { nextSeq: 1, chunks: [nothing, nothing] },
      input,
      isTerminated: false,
      isHeldByClient: false,
    } as const;
    const brokenOff = {
      ...running,
      id: "broken-off",
      child: undefined,
      input: { ...input, waiting: [0, 1_000] },
    } as const;
    const executor: HandedExecutor = {
      guard: { blocks: [] },
      groups: { lastNumber: 0, left: [] },
      targetsUser: "",
      runs: [],
      sessions: [
        { ...session, id: "first", processes: [running], staging },
        { ...session, id: "second", processes: [brokenOff], staging },
      ],
    };
    const incoming = handed(bytes);
    const get: typeof incoming.get = (ref) => {
      if (ref[1] > incoming.get(ref).length) throw new Error("broken off");
      return incoming.get(ref);
    };
    const options = { env: {}, cwd: "/", version: "0.0.0", handedOver: { executor, bytes: { get } } };
    expect(() => createExecutor(options)).toThrow("broken off");
    expect(contentOf(readEnd)).toBeUndefined();
    closeSync(readEnd);
  },
);
