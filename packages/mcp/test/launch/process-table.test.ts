import { describe, expect, test } from "vitest";
import { ProcessTable } from "../../src/launch/process-table.ts";
import type { ServerProcess } from "../../src/launch/server-process.ts";

/** A process that says nothing, and counts how often it was ended. */
function quietProcess(end: () => Promise<void> = async () => {}): ServerProcess & { readonly ends: () => number } {
  let ends = 0;
  return {
    id: "quiet",
    pid: 7,
    messages: (async function* () {})(),
    complaints: (async function* () {})(),
    exited: new Promise(() => {}),
    write: async () => {},
    end: () => {
      ends += 1;
      return end();
    },
    ends: () => ends,
  };
}

describe("a table of processes", () => {
  test("owns one from before it runs to its end, whoever still waits for it", async () => {
    const table = new ProcessTable();
    const process = quietProcess();
    const owned = table.own(async () => process);
    expect([table.size, table.pids]).toEqual([1, []]);
    await owned.started;
    expect([table.size, table.pids]).toEqual([1, [7]]);
    await Promise.all([owned.end(), owned.end()]);
    expect([table.size, table.pids, process.ends()]).toEqual([0, [], 1]);
    await owned.end();
    expect(process.ends()).toBe(1);
    await expect(owned.started).rejects.toThrow("the server was to end before it was started");
  });

  test("ends one whose start comes too late, though the start does not care that it is given up", async () => {
    const table = new ProcessTable();
    const { promise, resolve } = Promise.withResolvers<ServerProcess>();
    let signal: AbortSignal | undefined;
    const owned = table.own((given) => {
      signal = given;
      return promise;
    });
    const ending = owned.end();
    expect(signal?.aborted).toBe(true);
    expect(table.size).toBe(1);
    const process = quietProcess();
    resolve(process);
    await ending;
    expect([process.ends(), table.size]).toEqual([1, 0]);
  });

  test("forgets one that could not be started", async () => {
    const table = new ProcessTable();
    const owned = table.own(() => Promise.reject(new Error("no such program")));
    await expect(owned.started).rejects.toThrow("no such program");
    expect(table.size).toBe(0);
    await owned.end();
  });

  test("keeps one whose end was not confirmed, and ends it again with all others", async () => {
    const table = new ProcessTable();
    let isReachable = false;
    const unreachable = quietProcess(async () => {
      if (!isReachable) throw new Error("out of reach");
    });
    const owned = table.own(async () => unreachable);
    const other = quietProcess();
    table.own(async () => other);
    await expect(owned.end()).rejects.toThrow("out of reach");
    expect(table.size).toBe(2);
    await table.endAll();
    expect([table.size, other.ends()]).toEqual([1, 1]);
    isReachable = true;
    await table.endAll();
    expect([table.size, unreachable.ends()]).toEqual([0, 3]);
  });
});
