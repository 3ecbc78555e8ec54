import { describe, expect, test } from "vitest";
import { formatBytes, progressBar, progressLine } from "../../src/cp/progress-bar.ts";

describe("progress bar", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [12.5 * 1024 * 1024, "12.5 MiB"],
    [3 * 1024 ** 4, "3.0 TiB"],
    [5000 * 1024 ** 4, "5000.0 TiB"],
  ])("%d bytes are %s", (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  test("shows share, bytes, rate and name", () => {
    const line = progressLine({ name: "a", transferredBytes: 1024, totalBytes: 4096, elapsedMs: 500 });
    expect(line).toBe(" 25% [######..................]   1.0 KiB   2.0 KiB/s  a");
  });

  test("shows bytes, rate and name where it is not known how much there is", () => {
    const line = progressLine({ name: "a", transferredBytes: 1024, totalBytes: undefined, elapsedMs: 500 });
    expect(line).toBe("  1.0 KiB   2.0 KiB/s  a");
  });

  test("never shows more than all of it, also when the file has grown", () => {
    expect(progressLine({ name: "a", transferredBytes: 9, totalBytes: 3, elapsedMs: 1 })).toMatch(/^100% \[#{24}\]/);
    expect(progressLine({ name: "a", transferredBytes: 0, totalBytes: 0, elapsedMs: 0 })).toMatch(/^100% /);
  });

  test("draws at most ten times a second, within the width, and the end in any case", () => {
    const written: string[] = [];
    let nowMs = 0;
    const terminal = { isTTY: true, columns: 30, write: (text: string) => written.push(text) };
    const bar = progressBar(terminal, () => nowMs);
    for (nowMs = 0; nowMs < 1000; nowMs += 10) {
      bar.show({ name: "long name", transferredBytes: nowMs / 10 + 1, totalBytes: 100 });
    }
    expect(written).toHaveLength(10);
    bar[Symbol.dispose]();
    expect(written.at(-2)).toContain("100%");
    expect(written.at(-1)).toBe("\n");
    for (const text of written) expect(text.replace("\r\u001b[K", "").length).toBeLessThan(30);
  });

  test("is silent where there is no terminal", () => {
    const written: string[] = [];
    const bar = progressBar({ write: (text) => written.push(text) });
    bar.show({ name: "a", transferredBytes: 1, totalBytes: 1 });
    bar[Symbol.dispose]();
    expect(written).toEqual([]);
  });
});
