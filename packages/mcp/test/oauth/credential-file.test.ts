import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { CredentialFile } from "../../src/oauth/credential-file.ts";
import type { StoredCredentials } from "../../src/oauth/credentials.ts";
import { underFileLock } from "../../src/oauth/file-lock.ts";

const COUNTER = fileURLToPath(new URL("../support/count-exclusively.ts", import.meta.url));
const ENTRY: StoredCredentials = { server_name: "s", server_url: "u", client_id: "c", access_token: "t" };

describe("credentials in a file", () => {
  test("are there for others, and for their owner alone", async () => {
    await using folder = await tempDir();
    const store = new CredentialFile(folder.path);
    expect(await store.load("s|1")).toBeUndefined();
    await store.save("s|1", { ...ENTRY, scopes: ["a"] });
    await store.save("s|2", ENTRY);
    expect(await new CredentialFile(folder.path).load("s|1")).toEqual({ ...ENTRY, scopes: ["a"] });
    expect(statSync(store.path).mode & 0o777).toBe(0o600);
    await chmod(store.path, 0o644);
    expect(await store.remove("s|1")).toBe(true);
    expect(statSync(store.path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(store.path, "utf8"))).toEqual({ "s|2": ENTRY });
    expect(readdirSync(folder.path).sort()).toEqual([".credentials.json", "mcp-oauth-locks"]);
    expect(readdirSync(folder.join("mcp-oauth-locks"))).toEqual([]);
  });

  test("stay as others wrote them, but for what is changed", async () => {
    await using folder = await tempDir();
    const store = new CredentialFile(folder.path);
    const others = { "x|1": { of: "a later release", deep: [1] }, "y|2": 5 };
    const known = { ...ENTRY, issuer: null, refresh_token: "r", later: true };
    writeFileSync(store.path, JSON.stringify({ ...others, "s|1": known }));
    expect(await store.load("s|1")).toEqual({ ...ENTRY, refresh_token: "r", later: true });
    await store.save("s|1", { ...ENTRY, access_token: "u" });
    expect(JSON.parse(readFileSync(store.path, "utf8"))).toEqual({
      ...others,
      "s|1": { ...ENTRY, access_token: "u", later: true },
    });
  });

  test("that are none are told of, and the file is not written over", async () => {
    await using folder = await tempDir();
    const store = new CredentialFile(folder.path);
    for (const text of ["{", "[]", "5", '"s"']) {
      writeFileSync(store.path, text);
      await expect(store.load("s|1")).rejects.toMatchObject({
        code: "store",
        message: expect.stringContaining("no JSON"),
      });
      await expect(store.save("s|1", ENTRY)).rejects.toMatchObject({ code: "store" });
      expect(readFileSync(store.path, "utf8")).toBe(text);
    }
    for (const entry of [
      5,
      {},
      { ...ENTRY, access_token: 5 },
      { ...ENTRY, scopes: "a" },
      { ...ENTRY, expires_at: "x" },
    ]) {
      writeFileSync(store.path, JSON.stringify({ "s|1": entry }));
      await expect(store.load("s|1")).rejects.toThrow('credentials of "s|1" that are none; log in anew');
    }
    writeFileSync(store.path, "");
    expect(await store.load("s|1")).toBeUndefined();
  });

  test("may be kept elsewhere, by a link", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("vault"));
    writeFileSync(folder.join("vault", "kept.json"), "{}");
    symlinkSync(folder.join("vault", "kept.json"), folder.join(".credentials.json"));
    await new CredentialFile(folder.path).save("s|1", ENTRY);
    expect(JSON.parse(readFileSync(folder.join("vault", "kept.json"), "utf8"))).toEqual({ "s|1": ENTRY });
    expect(readdirSync(folder.join("vault"))).toEqual(["kept.json"]);
  });

  test("are changed by one process at a time", async () => {
    await using folder = await tempDir();
    const run = promisify(execFile);
    const count = (key: string) => run(process.execPath, [COUNTER, folder.path, key, "10"]);
    await Promise.all([count("s|1"), count("s|1"), count("s|1"), count("s|2")]);
    const store = new CredentialFile(folder.path);
    expect((await store.load("s|1"))?.expires_at).toBe(30);
    expect((await store.load("s|2"))?.expires_at).toBe(10);
  });
});

describe("a lock among processes", () => {
  test("of one that was killed is of nobody", async () => {
    await using folder = await tempDir();
    const path = folder.join("a.lock");
    const hold = `import { underFileLock } from ${JSON.stringify(new URL("../../src/oauth/file-lock.ts", import.meta.url).href)};
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
      code: "store",
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
