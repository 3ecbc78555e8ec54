import { type BrokenSequence, brokenSequence, exitsWithoutCode, readResult } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { collectAll, connected, settle, text } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";

describe("sequence numbers", () => {
  const played = async (kind: BrokenSequence) => {
    const line = await connected(brokenSequence(kind));
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const events = collectAll(process.events()).then((all) =>
      all.map((event) => `${event.seq} ${event.type === "output" ? text(event.data) : event.type}`),
    );
    events.catch(() => {});
    await settle();
    return { ...line, process, events };
  };

  test.each(["repeats", "goes back", "backwards"] as const)(
    "(%s) yield each event once, in order, without a read",
    async (kind) => {
      await using line = await played(kind);
      expect(await line.events).toEqual(["1 a", "2 b", "3 exited", "4 closed"]);
      expect(line.server.of("process/read")).toEqual([]);
      expect(line.clock.pendingTimers).toBe(0);
    },
  );

  test("that jump are read back once, after 250 ms; what is lost for good fails its process only, and says what", async () => {
    await using line = await played("jumps");
    const other = await line.executor.processes.start({ argv: ["a"], processId: "other" });
    await line.clock.advance(249);
    expect(line.server.of("process/read")).toEqual([]);
    await line.clock.advance(1);
    await settle();
    const gap = { name: "OutputGapError", processId: "p", fromSeq: 3, toSeq: 3, missingEvents: 1 };
    for (const end of [line.events, line.process.exited, line.process.closed]) {
      await expect(end).rejects.toMatchObject(gap);
    }
    expect(line.server.of("process/read").filter(({ processId }) => processId === "p")).toHaveLength(1);
    await settle();
    expect(line.server.of("process/terminate")).toContainEqual({ processId: "p", includeDescendants: true });
    expect(line.executor.state).toBe("connected");
    await expect(other.closed).rejects.toMatchObject({ name: "OutputGapError", processId: "other" });
  });

  test("that tell of two exits fail their process, which is terminated", async () => {
    await using line = await played("exits twice");
    const error = {
      name: "ProcessEventsError",
      code: "protocol",
      message: expect.stringContaining("second exit at 3"),
    };
    await expect(line.events).rejects.toMatchObject(error);
    // The first one was told in good order, so it stands.
    expect(await line.process.exited).toMatchObject({ exitCode: 0 });
    await expect(line.process.closed).rejects.toMatchObject(error);
    await settle();
    expect(line.server.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
    expect(line.executor.state).toBe("connected");
  });
});

describe("an exit without a code", () => {
  test.each(["absent", "null"] as const)("(%s) ends a line that can not be dialled again, in words", async (kind) => {
    await using line = await connected(exitsWithoutCode(kind));
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const error = { name: "LinkError", code: "malformed", message: expect.stringContaining("process/exited") };
    await expect(process.exited).rejects.toMatchObject(error);
    await expect(process.closed).rejects.toMatchObject(error);
    expect(line.executor.state).toBe("failed");
    expect(line.clock.pendingTimers).toBe(0);
  });

  test.each(["absent", "null"] as const)("(%s) is asked for on the next line; nobody knows it: -1", async (kind) => {
    await using line = await recoverable({
      ...exitsWithoutCode(kind),
      "process/read": () => readResult({ nextSeq: 4, exited: true, exitCode: null, closed: true }),
    });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const events = collectAll(process.events());
    await settle();
    await settle();
    expect(line.states).toEqual(["recovering", "connected"]);
    expect(await process.closed).toEqual({ exitCode: -1, sandboxDenied: false });
    expect((await events).map(({ type }) => type)).toEqual(["output", "exited", "closed"]);
  });

  test("because there was no exit before the close fails that process only", async () => {
    await using line = await connected(exitsWithoutCode("no exit"));
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    const error = { name: "ProcessEventsError", code: "protocol", message: expect.stringContaining("without an exit") };
    await expect(process.exited).rejects.toMatchObject(error);
    await expect(process.closed).rejects.toMatchObject(error);
    await settle();
    expect(line.server.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
    expect(line.executor.state).toBe("connected");
  });
});
