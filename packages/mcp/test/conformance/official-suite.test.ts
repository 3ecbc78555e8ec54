import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

const SUITE = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));
const CLIENT = fileURLToPath(new URL("./client.ts", import.meta.url));

/** What the suite has for clients: each shows something of its own. */
const SCENARIOS = [
  "initialize",
  "tools_call",
  "elicitation-sep1034-client-defaults",
  "sse-retry",
  "auth/metadata-var3",
  "auth/basic-cimd",
  "auth/scope-from-www-authenticate",
  "auth/scope-step-up",
  "auth/scope-retry-limit",
  "auth/token-endpoint-auth-basic",
  "auth/pre-registration",
  "auth/2025-03-26-oauth-endpoint-fallback",
  "auth/resource-mismatch",
] as const;

/** The same by other ways. */
const VARIANTS = [
  "auth/metadata-default",
  "auth/metadata-var1",
  "auth/metadata-var2",
  "auth/scope-from-scopes-supported",
  "auth/scope-omitted-when-undefined",
  "auth/token-endpoint-auth-post",
  "auth/token-endpoint-auth-none",
  "auth/2025-03-26-oauth-metadata-backcompat",
  "auth/offline-access-scope",
  "auth/offline-access-not-supported",
] as const;

/** Extensions by which a program signs in without a user. */
const NOT_SUPPORTED = [
  "auth/client-credentials-jwt",
  "auth/client-credentials-basic",
  "auth/cross-app-access-complete-flow",
] as const;

/** Judges how long the machine took. */
const TIMED_CHECK = "client-sse-retry-timing";

interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "INFO";
  readonly errorMessage?: string;
}

/** What the suite printed. Its exit code says less than its list of checks. */
function suite(...args: readonly string[]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, [SUITE, ...args], { maxBuffer: 16_777_216 }, (_error, stdout, stderr) => {
    resolve(stdout + stderr);
  });
  return promise;
}

async function checksOf(scenario: string): Promise<readonly Check[]> {
  await using folder = await tempDir();
  const command = `${process.execPath} ${CLIENT}`;
  const output = await suite("client", "--command", command, "--scenario", scenario, "-o", folder.path);
  const file = (await readdir(folder.path, { recursive: true })).find((path) => basename(path) === "checks.json");
  if (file === undefined) throw new Error(`the suite left no checks: ${output}`);
  return JSON.parse(await readFile(folder.join(file), "utf8")) as readonly Check[];
}

async function expectPassed(scenario: string): Promise<void> {
  const checks = await checksOf(scenario);
  expect(checks.some(({ status }) => status === "SUCCESS")).toBe(true);
  const others = checks.filter(({ id, status }) => status !== "SUCCESS" && status !== "INFO" && id !== TIMED_CHECK);
  expect(others).toEqual([]);
}

describe("the official conformance suite", () => {
  test("has these scenarios for clients", async () => {
    const output = await suite("list", "--client");
    const names = [...output.matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual([...SCENARIOS, ...VARIANTS, ...NOT_SUPPORTED].sort());
  });

  test.each(SCENARIOS)("is passed: %s", expectPassed);

  test.each(VARIANTS)("is passed: %s", { tags: "long" }, expectPassed);
});
