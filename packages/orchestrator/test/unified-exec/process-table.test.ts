import { describe, expect, test } from "vitest";
import type { ExecProcess } from "../../src/unified-exec/exec-process.ts";
import { ProcessTable } from "../../src/unified-exec/process-table.ts";

/** What the table looks at. */
interface Entry {
  readonly number: number;
  waiters: number;
  exit: { readonly exitCode: number } | undefined;
  failure: { readonly error: unknown } | undefined;
  isClosed: boolean;
  readonly closed: Promise<void>;
  close(): void;
}

function entry(number: number): ExecProcess & Entry {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const made: Entry = {
    number,
    waiters: 0,
    exit: undefined,
    failure: undefined,
    isClosed: false,
    closed,
    close: () => {
      made.isClosed = true;
      resolve();
    },
  };
  return made as ExecProcess & Entry;
}

function full(): { readonly table: ProcessTable; readonly entries: readonly (ExecProcess & Entry)[] } {
  const table = new ProcessTable("counting");
  const entries = Array.from({ length: 64 }, () => entry(table.reserve()));
  for (const each of entries) expect(table.store(each)).toBeUndefined();
  return { table, entries };
}

describe("the table of commands", () => {
  test("numbers from 1000 to 99999, none twice", () => {
    const table = new ProcessTable("random");
    const numbers = Array.from({ length: 5_000 }, () => table.reserve());
    expect(new Set(numbers).size).toBe(5_000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(99_999);
  });

  test("counts where it is told to", () => {
    const table = new ProcessTable("counting");
    expect([table.reserve(), table.reserve()]).toEqual([1_000, 1_001]);
  });

  test("makes room by the one that has exited and was not used for longest", () => {
    const { table, entries } = full();
    for (const index of [3, 5]) Object.assign(entries[index] ?? {}, { exit: { exitCode: 0 } });
    expect(table.store(entry(table.reserve()))).toBe(entries[3]);
    expect(table.store(entry(table.reserve()))).toBe(entries[5]);
    expect(table.store(entry(table.reserve()))).toBe(entries[0]);
  });

  test("protects the eight that were used last, also when they have exited", () => {
    const { table, entries } = full();
    for (const index of [60, 63]) Object.assign(entries[index] ?? {}, { exit: { exitCode: 0 } });
    table.touch(entries[0] as ExecProcess);
    expect(table.store(entry(table.reserve()))).toBe(entries[1]);
  });

  test("ends none that somebody waits for, and no live one in place of such a one that has exited", () => {
    const { table, entries } = full();
    Object.assign(entries[0] ?? {}, { waiters: 1 });
    expect(table.store(entry(table.reserve()))).toBe(entries[1]);
    Object.assign(entries[0] ?? {}, { exit: { exitCode: 0 } });
    expect(table.store(entry(table.reserve()))).toBeUndefined();
    expect(table.stored()).toHaveLength(65);
  });

  test("keeps what a command has left running until that is over, 64 of them", () => {
    const table = new ProcessTable("counting");
    const entries = Array.from({ length: 65 }, () => entry(table.reserve()));
    for (const each of entries) table.store(each);
    expect(entries.slice(0, 64).map((each) => table.finish(each))).toEqual(Array(64).fill(undefined));
    expect(table.finish(entries[64] as ExecProcess)).toBe(entries[0]);
    expect(table.clear()).toEqual(entries.slice(1));
  });

  test("forgets what is closed", async () => {
    const table = new ProcessTable("counting");
    const [first, second] = [entry(table.reserve()), entry(table.reserve())];
    for (const each of [first, second]) table.store(each);
    first.close();
    table.finish(first);
    table.finish(second);
    second.close();
    await second.closed;
    expect(table.clear()).toEqual([]);
    expect(table.size).toBe(0);
  });

  test("keeps the number of one that is superseded for the next, also when there is no room", () => {
    const { table, entries } = full();
    const [first] = entries as readonly [ExecProcess & Entry];
    Object.assign(first, { exit: { exitCode: 1 } });
    table.supersede(first);
    const numbers = Array.from({ length: 200 }, () => table.reserve());
    expect(numbers).not.toContain(first.number);
    const second = entry(first.number);
    expect(table.store(second)).toBeUndefined();
    expect(table.get(first.number)).toBe(second);
    expect(table.stored()).toHaveLength(64);
  });

  test("does not take the number from another that has it by now", () => {
    const table = new ProcessTable("counting");
    const number = table.reserve();
    const [first, second] = [entry(number), entry(number)];
    table.store(first);
    table.supersede(first);
    table.store(second);
    table.finish(first);
    expect(table.get(number)).toBe(second);
  });
});
