import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { underFileLock } from "../../src/file-lock/index.ts";

describe("a lock among processes", () => {
  test("of one that was killed is of nobody", async () => {
    await using folder = await tempDir();
    const path = folder.join("a.lock");
    const hold = `import { underFileLock } from ${JSON.stringify(new URL("../../src/file-lock/index.ts", import.meta.url).href)};
      setInterval(() => {}, 1_000);
      await underFileLock(${JSON.stringify(path)}, {}, () => new Promise(() => console.log("held")));`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", hold], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(holder.stdout, "data");
    let isIn = false;
    const waiting = underFileLock(path, {}, async () => {
      isIn = true;
    });
    const content = readFileSync(path, "utf8");
    expect(Number.parseInt(content, 10)).toBe(holder.pid);
    expect(isIn).toBe(false);
    holder.kill("SIGKILL");
    await waiting;
    expect(isIn).toBe(true);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("of another machine, whose numbers say nothing here, is waited for", async () => {
    await using folder = await tempDir();
    const path = folder.join("a.lock");
    writeFileSync(path, "999999999 another-machine x\n");
    const stop = new AbortController();
    const waiting = underFileLock(path, { signal: stop.signal }, async () => {});
    waiting.catch(() => {});
    await until(() => readdirSync(folder.path).length === 2);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(readFileSync(path, "utf8")).toContain("another-machine");
  });

  test("that can not be made is told of", async () => {
    await using folder = await tempDir();
    writeFileSync(folder.join("file"), "");
    const path = folder.join("file", "a.lock");
    await expect(underFileLock(path, {}, async () => {})).rejects.toMatchObject({
      name: "FileLockError",
      message: expect.stringMatching(/a\.lock can not be made: (EEXIST|ENOTDIR)$/),
    });
  });

  test("that is older than anything done under one is of nobody, also when its owner lives", async () => {
    await using folder = await tempDir();
    const path = folder.join("a.lock");
    writeFileSync(path, `${process.pid} ${hostname()} old\n`);
    const longAgo = Date.now() / 1_000 - 61;
    utimesSync(path, longAgo, longAgo);
    expect(await underFileLock(path, {}, async () => "in")).toBe("in");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("is waited for a minute, or until nobody wants it", async () => {
    await using folder = await tempDir();
    const path = folder.join("a.lock");
    writeFileSync(path, `${process.pid} ${hostname()} living\n`);
    const clock = new FakeClock();
    const waiting = underFileLock(path, { clock }, async () => {});
    waiting.catch(() => {});
    await until(() => clock.pendingTimers === 1);
    await clock.advance(60_001);
    await expect(waiting).rejects.toThrow("is held by another process for more than 60 s");
    const stop = new AbortController();
    const other = underFileLock(path, { signal: stop.signal }, async () => {});
    stop.abort(new Error("enough"));
    await expect(other).rejects.toThrow("enough");
    expect(readdirSync(folder.path)).toEqual(["a.lock"]);
  });

  test("is given back by what fails, and many take it one after the other", async () => {
    await using folder = await tempDir();
    const path = folder.join("a.lock");
    await expect(underFileLock(path, {}, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
    let inside = 0;
    let most = 0;
    const runs = Array.from({ length: 20 }, () =>
      underFileLock(path, {}, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise(setImmediate);
        inside -= 1;
      }),
    );
    await Promise.all(runs);
    expect(most).toBe(1);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
