import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { CredentialFile } from "../../src/oauth/credential-file.ts";
import type { StoredCredentials } from "../../src/oauth/credentials.ts";

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

  test("that can not be locked are left as they are, and that is told of", async () => {
    await using folder = await tempDir();
    writeFileSync(folder.join("mcp-oauth-locks"), "");
    await expect(new CredentialFile(folder.path).save("s|1", ENTRY)).rejects.toMatchObject({
      code: "store",
      message: expect.stringMatching(/\.lock can not be made: (EEXIST|ENOTDIR)$/),
    });
    expect(readdirSync(folder.path)).toEqual(["mcp-oauth-locks"]);
  });
});
