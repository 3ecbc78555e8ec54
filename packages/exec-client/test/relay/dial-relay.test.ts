import { publicKeysEqual } from "@holdfast/relay-protocol";
import { generateIdentity } from "@holdfast/relay-protocol/noise";
import { FakeClock, leakGuard, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { type ConnectOptions, connect } from "../../src/connect.ts";
import { isFinalRefusal } from "../../src/errors/final-refusal.ts";
import { FakeExecServer } from "../support/fake-exec-server.ts";
import { type HandshakePlan, type RegistryPlan, RelayedExecutor } from "../support/relayed-executor.ts";

const ANSWERS = { "fs/readFile": () => ({ dataBase64: "YQ==" }) };

function start(options?: Parameters<typeof RelayedExecutor.start>[1]): Promise<RelayedExecutor> {
  return RelayedExecutor.start((port) => void new FakeExecServer(port, ANSWERS), options);
}

async function failureOf(
  address: string,
  options: ConnectOptions = {},
): Promise<Error & { readonly code?: string; readonly cause?: unknown }> {
  const error = await connect(address, { recovery: false, ...options }).then(
    async (executor) => {
      await executor.close();
      throw new Error("it connected");
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("no error");
  return error;
}

test("asks the registry for a bundle, upgrades its URL as it is, and speaks to the executor inside a channel", async () => {
  await using _ = leakGuard();
  await using relay = await start({ environmentId: "a box" });
  const headers = { "chatgpt-account-id": "acct" };
  await using executor = await connect(relay.address.replace("a box", "a%20box"), { token: "secret-token", headers });
  expect(await executor.fs.readTextFile("/a")).toBe("a");
  expect(relay.requests).toHaveLength(1);
  const [request] = relay.requests;
  expect(request?.path).toBe("/cloud/environment/a%20box/connect");
  expect(request?.headers).toMatchObject({
    authorization: "Bearer secret-token",
    "chatgpt-account-id": "acct",
    "content-type": "application/json",
    accept: "*/*",
  });
  expect(relay.upgradeUrls).toEqual(["/meet?role=harness&n=1"]);
  // The relay is shown nothing but the URL.
  const [upgrade] = relay.upgradeHeaders;
  expect(Object.keys(upgrade ?? {})).not.toContain("authorization");
  expect(Object.keys(upgrade ?? {})).not.toContain("chatgpt-account-id");
  expect(Object.keys(upgrade ?? {})).not.toContain("origin");
  expect(relay.streamIds).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u),
  ]);
});

test("has one identity for all connections of a client, and another for another client", async () => {
  await using _ = leakGuard();
  await using relay = await start();
  const recovery = { retryIntervalMs: 1 };
  await using one = await connect(relay.address, { recovery, processConnections: "shared" });
  relay.cut();
  await until(() => relay.streams.length === 2 && one.state === "connected");
  await using other = await connect(relay.address);
  expect(await other.fs.readTextFile("/a")).toBe("a");
  const [first, second, third] = relay.requests.map(({ harnessKey }) => harnessKey);
  if (first === undefined || second === undefined || third === undefined) throw new Error("a request is missing");
  expect([publicKeysEqual(first, second), publicKeysEqual(first, third)]).toEqual([true, false]);
  expect(new Set(relay.streamIds).size).toBe(3);
  expect(new Set(relay.upgradeUrls).size).toBe(3);
});

test.each<[string, RegistryPlan, string]>([
  [
    "401",
    { status: 401, body: { error: { message: "bad token secret-token" } } },
    "environment registry authentication failed (401 Unauthorized): bad token ***; give a token that is valid",
  ],
  [
    "401 without a word",
    { status: 401, body: "" },
    "environment registry authentication failed (401 Unauthorized): empty error body; ",
  ],
  [
    "403",
    { status: 403, body: "\u001b[2Jnot you\nor him" },
    "environment registry authentication failed (403 Forbidden): [2Jnot you or him; give a token that is for connecting to env-1",
  ],
  [
    "404",
    { status: 404, body: { error: { code: "nf", message: "no env" } } },
    "environment registry request failed (404 Not Found, nf): no env; start the executor of env-1, or check the id",
  ],
  [
    "409",
    { status: 409, body: "" },
    "environment registry request failed (409 Conflict): empty or malformed error body; wait for the executor of env-1",
  ],
  ["425", { status: 425, body: "" }, "(425 Too Early)"],
  [
    "307",
    { status: 307, headers: { location: "http://127.0.0.1:1/" }, body: "" },
    "a redirect is not followed: use the address that it leads to",
  ],
  ["400", { status: 400, body: "what?" }, "environment registry request failed (400 Bad Request): what?"],
])("a registry that answers %s ends it at once, and says what to do", async (_name, plan, text) => {
  await using relay = await start();
  relay.plans.push(plan);
  const error = await failureOf(relay.address, { token: "secret-token" });
  expect(error.message).toContain(`cannot connect to ${relay.address}: `);
  expect(error.message).toContain(text);
  expect(error.message).not.toContain("secret-token");
  expect(error).toMatchObject({ code: "closed", delivery: "not-sent" });
  expect(relay.requests).toHaveLength(1);
});

test("a token that is missing is asked for", async () => {
  await using relay = await start();
  relay.plans.push({ status: 401, body: "" });
  expect((await failureOf(relay.address)).message).toContain("give the token of a client; there is none");
});

test("waiting helps where there may be an executor later, and nowhere else", async () => {
  await using relay = await start();
  const isFinal = async (plan: RegistryPlan): Promise<boolean> => {
    relay.plans.push(plan);
    return isFinalRefusal((await failureOf(relay.address)).cause);
  };
  expect(await isFinal({ status: 404 })).toBe(false);
  expect(await isFinal({ status: 409 })).toBe(false);
  expect(await isFinal({ status: 401 })).toBe(true);
  expect(await isFinal({ status: 403 })).toBe(true);
  relay.plans.push({ status: 404 }, { status: 409 });
  await using executor = await connect(relay.address, { retryForMs: 20_000, recovery: { retryIntervalMs: 1 } });
  expect(await executor.fs.readTextFile("/a")).toBe("a");
  relay.plans.push({ status: 401 });
  const error = await failureOf(relay.address, { retryForMs: 20_000 });
  expect(error.message).toContain("401 Unauthorized");
});

test("a registry that is busy is asked again, four times", async () => {
  await using relay = await start();
  const clock = new FakeClock();
  relay.plans.push({ status: 503 }, { status: 429 }, { status: 408 }, { status: 500 });
  const connecting = connect(relay.address, { clock, connectTimeoutMs: 1e6, initializeTimeoutMs: 1e6 });
  for (let asked = 1; asked <= 4; asked += 1) {
    await until(() => relay.requests.length === asked && clock.pendingTimers === 1);
    // Of the pauses 500, 1,000, 2,000, 4,000 with up to half of each: the least that can be.
    const leastMs = 500 * 2 ** (asked - 1);
    await clock.advance(leastMs - 1);
    expect(relay.requests).toHaveLength(asked);
    await clock.advance(1 + leastMs / 2);
  }
  await using executor = await connecting;
  expect(await executor.fs.readTextFile("/a")).toBe("a");
  relay.plans.push(...Array.from({ length: 5 }, () => ({ status: 503, body: "later" })));
  const failing = failureOf(relay.address, { clock });
  for (let asked = 6; asked <= 9; asked += 1) {
    await until(() => relay.requests.length === asked);
    await until(async () => {
      await clock.advance(100);
      return relay.requests.length > asked;
    });
  }
  expect((await failing).message).toContain("environment registry request failed (503 Service Unavailable): later");
  expect(relay.requests).toHaveLength(10);
});

test("a registry that does not answer is given up after 6 s, and all of it after 14 s", async () => {
  await using relay = await start();
  const clock = new FakeClock();
  relay.plans.push("silence", "silence", "silence", "silence", "silence");
  const failing = failureOf(relay.address, { clock });
  await until(() => relay.requests.length === 1);
  await clock.advance(5_999);
  expect(relay.requests).toHaveLength(1);
  let tookMs = 5_999;
  let error: Error | undefined;
  void failing.then((reason) => {
    error = reason;
  });
  await until(async () => {
    await clock.advance(100);
    tookMs += 100;
    // The requests themselves are real.
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return error !== undefined;
  });
  expect(tookMs).toBeLessThanOrEqual(14_100);
  expect(error).toMatchObject({ code: "timeout" });
  expect(error?.message).toContain("the registry gave no answer within");
  expect(relay.requests.length).toBeLessThanOrEqual(3);
});

test("a registry that is not there, or hangs up, is told of", async () => {
  const error = await failureOf("relay+http://127.0.0.1:1/env-1");
  expect(error.message).toBe(
    "cannot connect to relay+http://127.0.0.1:1/env-1: the registry is not reached: connect ECONNREFUSED 127.0.0.1:1",
  );
  await using relay = await start();
  relay.plans.push("reset");
  expect((await failureOf(relay.address)).message).toContain("the registry is not reached: socket hang up");
});

test.each<[string, (bundle: Record<string, unknown>) => unknown, string]>([
  ["no JSON", () => "<html>", "environment registry returned no JSON"],
  [
    "another environment",
    (bundle) => ({ ...bundle, environment_id: "env-2" }),
    "environment registry returned a different environment id",
  ],
  ["another profile", (bundle) => ({ ...bundle, security_profile: "none" }), "unsupported security profile"],
  ["no authorization", (bundle) => ({ ...bundle, harness_key_authorization: undefined }), "harness_key_authorization"],
  [
    "a blank authorization",
    (bundle) => ({ ...bundle, harness_key_authorization: " " }),
    "environment registry returned incomplete Noise connection data",
  ],
  [
    "a long authorization",
    (bundle) => ({ ...bundle, harness_key_authorization: "ä".repeat(2_049) }),
    "an authorization of more than 4096 bytes",
  ],
  [
    "a key with more members",
    (bundle) => ({ ...bundle, executor_public_key: { ...(bundle.executor_public_key as object), more: 1 } }),
    "public key has",
  ],
  [
    "an address of the web",
    (bundle) => ({ ...bundle, url: "http://127.0.0.1:1/" }),
    "environment registry returned a URL that is no ws: or wss:",
  ],
  [
    "a socket in clear elsewhere",
    (bundle) => ({ ...bundle, url: "ws://relay.example/?sig=secret" }),
    "the registry names ws://relay.example/?***, which is in clear",
  ],
  ["without end", () => "x".repeat(70_000), "the answer is longer than 65536 bytes"],
])("a bundle is refused that is %s", async (_name, change, text) => {
  await using relay = await start();
  relay.plans.push({ change });
  const error = await failureOf(relay.address);
  expect(error.message).toContain(text);
  expect(error.message).not.toMatch(/secret|authorization-1/u);
  expect(relay.streamIds).toEqual([]);
});

test("a registry in clear on another machine is refused before it is asked, unless told otherwise", async () => {
  await expect(connect("relay+http://relay.invalid/env-1", { token: "secret" })).rejects.toThrow(
    "target must not be relay+http://relay.invalid/env-1: the token would cross the network in clear; use relay+https:, or set allowPlaintextRelay",
  );
  const error = await failureOf("relay+http://relay.invalid/env-1", { allowPlaintextRelay: true });
  expect(error.message).toContain("the registry is not reached");
});

test("an upgrade that is answered 401 gets one fresh bundle, and anything else ends it", async () => {
  await using relay = await start();
  relay.upgrades.push(401);
  await using executor = await connect(relay.address);
  expect(await executor.fs.readTextFile("/a")).toBe("a");
  expect(relay.upgradeUrls).toEqual(["/meet?role=harness&n=1", "/meet?role=harness&n=2"]);
  relay.upgrades.push(401, 401);
  expect((await failureOf(relay.address)).message).toMatch(
    /the relay's socket: cannot connect to ws:\S+\?\*\*\*: .*401/u,
  );
  for (const status of [403, 503]) {
    const before = relay.requests.length;
    relay.upgrades.push(status);
    expect((await failureOf(relay.address)).message).toContain(String(status));
    expect(relay.requests).toHaveLength(before + 1);
  }
});

test.each<[HandshakePlan, string]>([
  ["reset", "the executor, or the relay before it, refused this client"],
  ["data first", "data came before the executor's answer to the handshake"],
  ["text", "the relay sent a text message, which no frame is"],
  ["another key", "who answered the handshake does not have the key that the registry told for the executor"],
  [{ payload: "anything" }, "handshake response payload must be empty"],
  [
    { payload: "codex-registry-authentication-rejected/v1" },
    "environment registry authentication error: executor credentials rejected",
  ],
])("a handshake that meets %o fails", async (plan, text) => {
  await using _ = leakGuard();
  await using relay = await start();
  relay.handshakes.push(plan);
  const error = await failureOf(relay.address);
  expect(error.message).toContain(text);
  expect(relay.requests).toHaveLength(1);
});

test("an executor that does not answer the handshake is given up after 10 s", async () => {
  await using _ = leakGuard();
  await using relay = await start();
  const clock = new FakeClock();
  relay.handshakes.push("silence");
  const failing = failureOf(relay.address, { clock });
  await until(() => relay.streamIds.length === 1);
  await clock.advance(10_000);
  expect(await failing).toMatchObject({ code: "timeout" });
  expect((await failing).message).toContain("the executor did not answer the handshake within 10000 ms");
});

test("giving up is heeded at every step", async () => {
  await using _ = leakGuard();
  await using relay = await start();
  const atStep = async (isThere: () => boolean): Promise<string> => {
    const stop = new AbortController();
    const failing = failureOf(relay.address, { signal: stop.signal });
    await until(isThere);
    stop.abort(new Error("enough"));
    const error = await failing;
    expect(error.name).toBe("AbortError");
    return error.message;
  };
  relay.plans.push("silence");
  expect(await atStep(() => relay.requests.length === 1)).toBe(`connecting to ${relay.address} was aborted: enough`);
  relay.handshakes.push("silence");
  await atStep(() => relay.streamIds.length === 1);
});

test("an executor whose key is another one than before has none of the sessions", async () => {
  await using _ = leakGuard();
  await using relay = await start();
  await using executor = await connect(relay.address, {
    recovery: { retryIntervalMs: 1 },
    processConnections: "shared",
  });
  relay.identity = generateIdentity();
  relay.cut();
  const error: Error = await executor.fs.readTextFile("/a").then(
    () => new Error("it answered"),
    (reason) => reason,
  );
  expect(error.message).toContain("executor key changed during session recovery");
  expect(error.message).toContain("the executor was started anew, and all that ran in the session has ended");
  expect(relay.streamIds).toHaveLength(1);
  await using next = await connect(relay.address);
  expect(await next.fs.readTextFile("/a")).toBe("a");
});

test("recovery goes on while there is no executor or no relay, and ends where nobody may come or nothing is known", async () => {
  await using _ = leakGuard();
  await using relay = await start();
  const options = { recovery: { retryIntervalMs: 1 }, processConnections: "shared" } as const;
  await using executor = await connect(relay.address, options);
  relay.plans.push({ status: 503 }, { status: 429 }, "reset", { status: 409 }, { change: () => "<html>" });
  relay.upgrades.push(503, 403);
  relay.handshakes.push("reset");
  relay.cut();
  expect(await executor.fs.readTextFile("/a")).toBe("a");
  expect(relay.plans).toEqual([]);
  for (const status of [401, 403, 404]) {
    await using other = await connect(relay.address, options);
    relay.plans.push({ status });
    relay.cut();
    await expect(other.fs.readTextFile("/a")).rejects.toThrow(`(${status} `);
    expect(relay.plans).toEqual([]);
  }
});
