import { fstatSync, openSync } from "node:fs";
import { FakeClock, tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { adoptServices } from "../../src/handed-executor.ts";
import { OutgoingBytes } from "../../src/platform/handed-bytes.ts";
import { createServices } from "../../src/services.ts";
import type { HandedSession } from "../../src/session/session.ts";
import { handed } from "./in-memory.ts";

/** The sessions of a program that took these over. */
function adopted(sessions: readonly HandedSession[], clock: FakeClock) {
  const made = createServices({ env: {}, cwd: "/", version: "0.0.0", clock }).sessions;
  made.adopt(sessions, handed(new OutgoingBytes()), () => {});
  return { made, next: () => made.handOver(new OutgoingBytes()) };
}

const LEFT = {
  descent: { blocks: [], next: 0, left: 0 },
  processes: [],
  told: [],
  watches: [],
  staging: { outcomes: [], interrupted: [] },
  interruptedArchives: [],
} as const;

test("a session whose client was sent away is waited for by the program after the next as well, each time anew", async () => {
  const clock = new FakeClock();
  const sessions = [
    { ...LEFT, id: "awaited" },
    { ...LEFT, id: "left before", detachedMs: 500 },
  ];
  const first = adopted(sessions, clock);
  await clock.advance(9_000);
  const second = adopted(first.next(), clock);
  await clock.advance(9_000);
  expect(second.next().map(({ id, detachedMs }) => [id, detachedMs])).toEqual([
    ["awaited", undefined],
    ["left before", 18_500],
  ]);
  await clock.advance(1_000);
  expect(second.next().map(({ detachedMs }) => detachedMs)).toEqual([10_000, 19_500]);
});

test("output that waits for a replacement is let go by that replacement alone, not by the one before it", async () => {
  const clock = new FakeClock();
  const { made, next } = adopted([{ ...LEFT, id: "one" }], clock);
  await clock.advance(9_000);
  const release = made.all()[0]?.holdForReplacement();
  await clock.advance(5_000);
  expect(next()).toMatchObject([{ detachedMs: undefined }]);
  release?.();
  expect(next()).toMatchObject([{ detachedMs: 14_000 }]);
});

test.each(["with", "without"] as const)(
  "output on disk is kept by a program that spools, and let go of by one that does not: %s",
  async (what) => {
    await using folder = await tempDir();
    const fd = openSync(folder.join("output"), "w+");
    const bytes = new OutgoingBytes();
    const nothing = bytes.put();
    const facts = { argv: ["cat"], isArgvCut: false, cwd: undefined, isTerminal: false, startedAtMs: 0 };
    const process: HandedSession["processes"][number] = {
      id: "ended",
      hasInput: false,
      facts,
      log: { nextSeq: 1, chunks: [nothing, nothing], spool: { fd, pieces: [], end: 0 } },
      input: { acceptedIds: [], waiting: nothing, isBroken: false, end: "open" },
      isTerminated: false,
      isHeldByClient: false,
    };
    const spool = what === "with" ? { directory: folder.path, maxBytesPerProcess: 2 ** 20 } : undefined;
    const services = createServices({ env: {}, cwd: "/", version: "0.0.0", clock: new FakeClock(), spool });
    const sessions = [{ ...LEFT, id: "one", processes: [process] }];
    const executor = {
      guard: { blocks: [] },
      groups: { lastNumber: 0, left: [] },
      targetsUser: "",
      runs: [],
      sessions,
    };
    adoptServices(services, executor, handed(bytes));
    if (what === "with") expect(fstatSync(fd).isFile()).toBe(true);
    else expect(() => fstatSync(fd)).toThrow("EBADF");
    services.sessions.close();
    services.spool?.close();
  },
);
