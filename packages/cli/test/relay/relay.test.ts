import { randomBytes } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { NOISE_SUITE } from "@holdfast/relay-protocol";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { SERVER_CERTIFICATE, TEST_CA, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines } from "../support/cli.ts";

async function token(dir: TempDir, ...words: string[]): Promise<string> {
  const { stdout, stderr, code } = await holdfast(["relay", "token", "--tokens", "tokens", ...words], {
    cwd: dir.path,
  });
  if (code !== 0) throw new Error(stderr);
  return stdout.toString().trim();
}

/** A relay that runs, with its base URL. */
async function relay(dir: TempDir, ...words: string[]) {
  const cli = new Cli(["relay", "serve", "--tokens", "tokens", "--state", "state", ...words], { cwd: dir.path });
  const told = until(() => (cli.child.exitCode === null ? cli.stdout.toString().includes("\n") : fail(cli.stderr)));
  await told;
  const [url = "", ...others] = lines(cli.stdout.toString());
  return Object.assign(cli, { url, others });
}

function fail(text: string): never {
  throw new Error(text);
}

const KEY = {
  suite: NOISE_SUITE,
  x25519_public_key: randomBytes(32).toString("base64"),
  mlkem768_public_key: randomBytes(1_184).toString("base64"),
};
const REGISTRATION = { security_profile: "noise_hybrid_ik_v1", executor_public_key: KEY };

async function post(url: string, path: string, bearer: string, body: unknown) {
  const headers = { authorization: `Bearer ${bearer}` };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, string>> };
}

describe("holdfast relay token", () => {
  test("prints a token once, keeps its hash alone, lists it and takes it away", async () => {
    await using dir = await tempDir();
    const printed = await token(
      dir,
      "--role",
      "executor",
      "--environment",
      "build-*",
      "--name",
      "ci",
      "--expires",
      "90d",
    );
    expect(printed).toMatch(/^hfr_[\w-]{43}$/);
    const file = await readFile(dir.join("tokens"), "utf8");
    expect(file).not.toContain(printed.slice(4, 20));
    expect((await stat(dir.join("tokens"))).mode & 0o777).toBe(0o600);
    const listed = await holdfast(["relay", "tokens", "--tokens", "tokens"], { cwd: dir.path });
    expect(listed.stdout.toString()).toMatch(
      /^NAME +ID +ROLE +ENVIRONMENT +CREATED +EXPIRES\nci +[0-9a-f]{12} +executor +build-\* /,
    );
    const asJson = await holdfast(["relay", "tokens", "--json", "--tokens", "tokens"], { cwd: dir.path });
    expect(JSON.parse(asJson.stdout.toString()).tokens[0]).toMatchObject({ name: "ci", expired: false });
    const revoked = await holdfast(["relay", "revoke", "ci", "--tokens", "tokens"], { cwd: dir.path });
    expect(revoked).toMatchObject({ code: 0, stderr: "" });
    const again = await holdfast(["relay", "revoke", "ci", "--tokens", "tokens"], { cwd: dir.path });
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("has no token of that name or id")]);
  });

  test("loses nothing when two programs write at once", async () => {
    await using dir = await tempDir();
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => token(dir, "--role", "client", "--environment", "*", "--name", name)));
    const { stdout } = await holdfast(["relay", "tokens", "--json", "--tokens", "tokens"], { cwd: dir.path });
    const found = JSON.parse(stdout.toString()).tokens.map(({ name }: { readonly name: string }) => name);
    expect(found.sort()).toEqual(names);
  });

  test.each<[RegExp, ...string[]]>([
    [/missing --tokens/, "token"],
    [/is none of serve, token, tokens, revoke/, "run", "--tokens", "t"],
    [/missing --role/, "token", "--tokens", "t", "--environment", "*"],
    [/--role must be one of/, "token", "--tokens", "t", "--role", "root", "--environment", "*"],
    [/missing --environment/, "token", "--tokens", "t", "--role", "client"],
    [/--environment must be/, "token", "--tokens", "t", "--role", "client", "--environment", "a/b"],
    [/--expires must be/, "token", "--tokens", "t", "--role", "client", "--environment", "*", "--expires", "soon"],
    [
      /is over already/,
      "token",
      "--tokens",
      "t",
      "--role",
      "client",
      "--environment",
      "*",
      "--expires",
      "2020-01-01T00:00:00Z",
    ],
    [/--role is for token/, "serve", "--tokens", "t", "--role", "client"],
    [/missing argument NAME/, "revoke", "--tokens", "t"],
    [/invalid --listen/, "serve", "--tokens", "t", "--listen", "ws://127.0.0.1:0"],
    [/invalid --listen/, "serve", "--tokens", "t", "--listen", "http://relay.example:0"],
    [/beyond this machine a relay speaks TLS/, "serve", "--tokens", "t", "--listen", "http://0.0.0.0:0"],
    [
      /beyond this machine/,
      "serve",
      "--tokens",
      "t",
      "--listen",
      "http://0.0.0.0:0",
      "--public-url",
      "http://relay.example",
    ],
    [/needs a certificate/, "serve", "--tokens", "t", "--listen", "https://127.0.0.1:0"],
    [/go together/, "serve", "--tokens", "t", "--tls-cert", "c"],
    [/invalid --public-url/, "serve", "--tokens", "t", "--public-url", "relay.example"],
    [/invalid --public-url/, "serve", "--tokens", "t", "--public-url", "https://relay.example/?a=b"],
  ])("refuses with %s: %s", async (message, ...words) => {
    await using dir = await tempDir();
    const { code, stderr, stdout } = await holdfast(["relay", ...words], { cwd: dir.path });
    expect([code, stdout.toString()]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});

describe("holdfast relay serve", () => {
  test("prints its base URL first, answers, and ends with SIGTERM", async () => {
    await using dir = await tempDir();
    const executor = await token(dir, "--role", "executor", "--environment", "*");
    await using running = await relay(dir);
    expect(running.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(running.others).toEqual([]);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    expect((await post(running.url, "/cloud/environment/env-1/register", executor, REGISTRATION)).status).toBe(200);
    running.child.kill("SIGTERM");
    const { code, stderr } = await running.result();
    expect(code).toBe(0);
    const messages = lines(stderr).map((line) => JSON.parse(line).message);
    expect(messages).toEqual(["serving", "executor registered", "shutting down"]);
  });

  test("says what is missing", async () => {
    await using dir = await tempDir();
    const none = await holdfast(["relay", "serve", "--tokens", "tokens", "--state", "state"], { cwd: dir.path });
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringMatching(/no such file; make one: holdfast relay token/),
    ]);
    await token(dir, "--role", "executor", "--environment", "*");
    await using running = await relay(dir);
    const second = await holdfast(["relay", "serve", "--tokens", "tokens", "--state", "state"], { cwd: dir.path });
    expect([second.code, second.stderr]).toEqual([1, expect.stringMatching(/another relay uses it; --state DIR/)]);
    const { port } = new URL(running.url);
    const words = ["--state", "other", "--listen", `http://127.0.0.1:${port}`];
    const taken = await holdfast(["relay", "serve", "--tokens", "tokens", ...words], { cwd: dir.path });
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringMatching(/port is in use/)]);
  });

  test("knows its executors by their URL again after kill -9", async () => {
    await using dir = await tempDir();
    const executor = await token(dir, "--role", "executor", "--environment", "*");
    const client = await token(dir, "--role", "client", "--environment", "*");
    await using first = await relay(dir);
    const { body } = await post(first.url, "/cloud/environment/env-1/register", executor, REGISTRATION);
    (await connectWebSocket(body.url ?? "")).open({ frame: () => {}, drained: () => {}, closed: () => {} });
    first.child.kill("SIGKILL");
    await first.result();
    await using second = await relay(dir, "--listen", first.url);
    expect(second.url).toBe(first.url);
    const connect = () => post(second.url, "/cloud/environment/env-1/connect", client, { harness_public_key: KEY });
    expect((await connect()).status).toBe(503);
    (await connectWebSocket(body.url ?? "")).open({ frame: () => {}, drained: () => {}, closed: () => {} });
    await until(async () => (await connect()).status === 200);
    // Another secret: nobody's URL is good any more, and an executor registers again.
    second.child.kill("SIGTERM");
    await second.result();
    await rm(dir.join("state", "signing-secret"));
    await using _third = await relay(dir, "--listen", first.url);
    await expect(connectWebSocket(body.url ?? "")).rejects.toThrow(/401/);
  });

  test("follows its tokens file, and goes on with the last good one", async () => {
    await using dir = await tempDir();
    const first = await token(dir, "--role", "executor", "--environment", "*", "--name", "first");
    await using running = await relay(dir);
    const register = async (bearer: string) =>
      (await post(running.url, "/cloud/environment/env-1/register", bearer, REGISTRATION)).status;
    const second = await token(dir, "--role", "executor", "--environment", "*");
    await until(async () => (await register(second)) === 200);
    const good = await readFile(dir.join("tokens"), "utf8");
    await writeFile(dir.join("tokens"), "{");
    await until(() => running.stderr.includes("the tokens stay as they were"));
    expect(await register(first)).toBe(200);
    await writeFile(dir.join("tokens"), good);
    const revoked = await holdfast(["relay", "revoke", "first", "--tokens", "tokens"], { cwd: dir.path });
    expect(revoked.code).toBe(0);
    await until(async () => (await register(first)) === 401);
    expect(running.stderr).not.toContain(first);
  });

  test("speaks TLS, and tells its executors so", async () => {
    await using dir = await tempDir();
    await writeFile(dir.join("cert.pem"), SERVER_CERTIFICATE.cert);
    await writeFile(dir.join("key.pem"), SERVER_CERTIFICATE.key, { mode: 0o600 });
    await token(dir, "--role", "executor", "--environment", "*");
    const words = ["--listen", "https://127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    await using running = await relay(dir, ...words);
    expect(running.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const refused = connectWebSocket(`${running.url.replace("https", "wss")}/nowhere`, { ca: TEST_CA });
    await expect(refused).rejects.toThrow(/404/);
  });

  test("tells where it listens behind a public URL", async () => {
    await using dir = await tempDir();
    await token(dir, "--role", "executor", "--environment", "*");
    await using running = await relay(dir, "--public-url", "https://relay.example/hold/");
    expect(running.url).toBe("https://relay.example/hold");
    expect(running.others).toEqual([expect.stringMatching(/^listening on http:\/\/127\.0\.0\.1:\d+$/)]);
  });
});
