import { chmod, chown, readFile, stat, symlink, writeFile } from "node:fs/promises";
import {
  addToken,
  isEnvironmentId,
  isEnvironmentPattern,
  matchesEnvironment,
  permits,
  readTokensFile,
  revokeToken,
  TokenSet,
} from "@holdfast/relay/tokens";
import { tempDir } from "@holdfast/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";

const REQUEST = { role: "executor", environment: "env-*" } as const;

test("keeps the hash of a token and not the token, in a file for its owner alone", async () => {
  await using dir = await tempDir();
  const path = dir.join("tokens");
  const { token, entry } = await addToken(path, { ...REQUEST, name: "ci" });
  const text = await readFile(path, "utf8");
  expect(token).toMatch(/^hfr_[\w-]{43}$/);
  expect(text).not.toContain(token.slice(4));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const set = new TokenSet((await readTokensFile(path)).entries);
  expect(set.find(token)).toMatchObject({ id: entry.id, name: "ci", role: "executor", environment: "env-*" });
  expect(set.find(`${token}x`)).toBeUndefined();
});

test("loses nothing of what many write at once", async () => {
  await using dir = await tempDir();
  const path = dir.join("tokens");
  const names = Array.from({ length: 12 }, (_, index) => `token-${index}`);
  await Promise.all(names.map((name) => addToken(path, { ...REQUEST, name })));
  await Promise.all([revokeToken(path, "token-3"), addToken(path, { ...REQUEST, name: "late" })]);
  const { entries } = await readTokensFile(path);
  expect(entries.map(({ name }) => name).sort()).toEqual(
    [...names.filter((name) => name !== "token-3"), "late"].sort(),
  );
});

test("refuses a name that is taken, and revokes by name or id", async () => {
  await using dir = await tempDir();
  const path = dir.join("tokens");
  const { entry } = await addToken(path, { ...REQUEST, name: "ci" });
  await expect(addToken(path, { ...REQUEST, name: "ci" })).rejects.toThrow(/already/);
  await expect(revokeToken(path, "nobody")).rejects.toThrow(/no token of that name/);
  expect((await revokeToken(path, entry.id)).name).toBe("ci");
  expect((await readTokensFile(path)).entries).toEqual([]);
});

test("leaves a link to the file a link", async () => {
  await using dir = await tempDir();
  await addToken(dir.join("real"), REQUEST);
  await symlink("real", dir.join("link"));
  await addToken(dir.join("link"), REQUEST);
  expect((await readTokensFile(dir.join("real"))).entries).toHaveLength(2);
});

test("leaves whose the file is, and who may read it", async () => {
  await using folder = await tempDir();
  const path = folder.join("tokens");
  await addToken(path, { role: "client", environment: "*" });
  await chmod(path, 0o640);
  const isRoot = process.geteuid?.() === 0;
  // As of a relay that is in a group of its own.
  if (isRoot) await chown(path, 0, 12_345);
  const before = await stat(path);
  await addToken(path, { role: "client", environment: "*", name: "second" });
  await revokeToken(path, "second");
  const { uid, gid, mode } = await stat(path);
  expect([uid, gid, mode & 0o777]).toEqual([before.uid, isRoot ? 12_345 : before.gid, 0o640]);
});

test("refuses a file that others may read or change", async () => {
  await using dir = await tempDir();
  const path = dir.join("tokens");
  await addToken(path, REQUEST);
  for (const mode of [0o604, 0o602, 0o620, 0o666]) {
    await chmod(path, mode);
    await expect(readTokensFile(path)).rejects.toThrow(/chmod 600/);
    await expect(addToken(path, REQUEST)).rejects.toThrow(/chmod 600/);
  }
});

test("refuses what is no regular file without waiting for it", async () => {
  await using dir = await tempDir();
  await expect(readTokensFile(dir.path)).rejects.toThrow(/no regular file|EISDIR/);
  await expect(readTokensFile(dir.join("none"))).rejects.toMatchObject({ isMissing: true });
});

const GOOD = {
  id: "0123456789ab",
  name: "ci",
  role: "client",
  environment: "*",
  sha256: "0".repeat(64),
  createdAt: "2027-01-01T00:00:00Z",
};

test.each<[string, unknown, RegExp]>([
  ["a list", [], /JSON object/],
  ["another version", { version: 2, tokens: [] }, /version must be 1/],
  ["no tokens", { version: 1 }, /tokens must be a list/],
  ["too many", { version: 1, tokens: Array.from({ length: 10_001 }, () => GOOD) }, /at most 10000/],
  ["two of one id", { version: 1, tokens: [GOOD, { ...GOOD, name: "b", sha256: "1".repeat(64) }] }, /same id/],
  ["two of one hash", { version: 1, tokens: [GOOD, { ...GOOD, name: "b", id: "ba9876543210" }] }, /same sha256/],
  ["another role", { version: 1, tokens: [{ ...GOOD, role: "root" }] }, /tokens\[0\]\.role must be one of/],
  ["no pattern", { version: 1, tokens: [{ ...GOOD, environment: "" }] }, /tokens\[0\]\.environment/],
  ["a short hash", { version: 1, tokens: [{ ...GOOD, sha256: "00" }] }, /tokens\[0\]\.sha256/],
  ["an expiry that is none", { version: 1, tokens: [{ ...GOOD, expiresAt: "soon" }] }, /tokens\[0\]\.expiresAt/],
  ["an expiry that is a number", { version: 1, tokens: [{ ...GOOD, expiresAt: 1 }] }, /tokens\[0\]\.expiresAt/],
  ["a misspelt member", { version: 1, tokens: [{ ...GOOD, expiresat: "2027-01-01T00:00:00Z" }] }, /not known/],
])("refuses a file with %s, and does not write over it", async (_what, content, message) => {
  await using dir = await tempDir();
  const path = dir.join("tokens");
  const text = JSON.stringify(content);
  await writeFile(path, text, { mode: 0o600 });
  await expect(readTokensFile(path)).rejects.toThrow(message);
  await expect(addToken(path, REQUEST)).rejects.toThrow(message);
  expect(await readFile(path, "utf8")).toBe(text);
});

test("says nothing of what a broken file holds", async () => {
  await using dir = await tempDir();
  await writeFile(dir.join("tokens"), "hfr_this-is-a-secret", { mode: 0o600 });
  await expect(readTokensFile(dir.join("tokens"))).rejects.toThrow(/it is no JSON$/);
});

test.each([
  ["*", "anything", true],
  ["env-1", "env-1", true],
  ["env-1", "env-10", false],
  ["env-*", "env-", true],
  ["*-1", "env-1", true],
  ["a*a", "a", false],
  ["a*b*c", "a--b--c", true],
  ["a*b*c", "a--c--b", false],
  ["**", "", true],
  [".*", "x", false],
])("means by %s the environment %s: %s", (pattern, id, means) => {
  expect(matchesEnvironment(pattern, id)).toBe(means);
});

test("means by a pattern what a regular expression of it means", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "-"), maxLength: 8 });
  const id = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 10 });
  fc.assert(
    fc.property(text, id, (pattern, environmentId) => {
      const wanted = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(environmentId);
      expect(matchesEnvironment(pattern, environmentId)).toBe(wanted);
    }),
  );
});

test("takes as ids what means the same everywhere", () => {
  for (const id of ["env-1", "a b", "A_b.c~d", "x".repeat(128)]) expect(isEnvironmentId(id)).toBe(true);
  for (const id of ["", " a", "a ", "a/b", "a*", "ä", "a\nb", "..", "x".repeat(129)])
    expect(isEnvironmentId(id)).toBe(false);
  expect(isEnvironmentPattern("build-*")).toBe(true);
  expect(isEnvironmentPattern("a/*")).toBe(false);
});

test("is for its role and its environments alone, until it expires", () => {
  const entry = { ...GOOD, role: "client", environment: "env-*", createdAt: 0, expiresAt: 1_000 } as const;
  expect(permits(entry, "client", "env-1")).toBe(true);
  expect(permits(entry, "executor", "env-1")).toBe(false);
  expect(permits(entry, "client", "other")).toBe(false);
  const set = new TokenSet([entry]);
  expect(set.valid(entry.id, 999)).toBe(entry);
  expect(set.valid(entry.id, 1_000)).toBeUndefined();
});
