import { SERVICE_LIMITS } from "@holdfast/relay/service";
import { publicKeyToJson } from "@holdfast/relay-protocol";
import { expect, test } from "vitest";
import {
  bundle,
  connectBody,
  connectedExecutor,
  registerBody,
  registered,
  type TestRelay,
  testKey,
  testRelay,
  validateBody,
} from "./test-relay.ts";

const REGISTER = "/cloud/environment/env-1/register";
const CONNECT = "/cloud/environment/env-1/connect";
const VALIDATE = "/cloud/environment/env-1/validate";

test("registers an executor, introduces a client to it, and lets that in once", async () => {
  await using relay = await testRelay();
  const executorKey = testKey();
  const token = await relay.token("executor", "env-*");
  const answer = await relay.call(REGISTER, token, registerBody(executorKey));
  expect(answer.status).toBe(200);
  expect(Object.keys(answer.body).sort()).toEqual([
    "environment_id",
    "executor_registration_id",
    "security_profile",
    "url",
  ]);
  expect(answer.body).toMatchObject({ environment_id: "env-1", security_profile: "noise_hybrid_ik_v1" });
  expect(answer.body.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/cloud\/environment\/env-1\/rendezvous\?role=executor&/);
});

test("gives a client all six members, with the key of the executor", async () => {
  await using relay = await testRelay();
  const executor = await connectedExecutor(relay);
  const client = await relay.token("client", "env-1");
  const { status, body } = await relay.call(CONNECT, client, connectBody());
  expect(status).toBe(200);
  expect(Object.keys(body)).toHaveLength(6);
  expect(body.executor_registration_id).toBe(executor.registrationId);
  expect(body.executor_public_key.suite).toBe("Noise_hybridIK_X25519+MLKEM768_AESGCM_SHA256");
  expect(body.url).toContain("?role=harness&");
  expect(Buffer.from(body.harness_key_authorization, "base64url").length).toBeGreaterThanOrEqual(16);
});

test.each([
  ["no token", undefined, 401, "missing_token"],
  ["another scheme", "Basic dXNlcjpwYXNz", 401, "malformed_token"],
  ["an assertion of an agent", "AgentAssertion e30", 401, "malformed_token"],
  ["an empty token", "Bearer ", 401, "malformed_token"],
  ["a token that is too long", `Bearer ${"x".repeat(600)}`, 401, "malformed_token"],
  ["an unknown token", `Bearer hfr_${"A".repeat(43)}`, 401, "unknown_token"],
])("refuses %s", async (_what, authorization, status, code) => {
  await using relay = await testRelay();
  const headers = authorization === undefined ? {} : { authorization };
  const answer = await relay.call(REGISTER, undefined, registerBody(), { headers });
  expect(answer.status).toBe(status);
  expect(answer.body.error.code).toBe(code);
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
});

test("refuses a token of another role, of another environment, and one that has expired", async () => {
  await using relay = await testRelay();
  const client = await relay.token("client", "env-1");
  const other = await relay.token("executor", "other-*");
  const short = await relay.token("executor", "*", relay.clock.wallNow() + 600_000);
  const wrongRole = await relay.call(REGISTER, client, registerBody());
  expect([wrongRole.status, wrongRole.body.error.code]).toEqual([403, "wrong_role"]);
  const wrongEnvironment = await relay.call(REGISTER, other, registerBody());
  expect([wrongEnvironment.status, wrongEnvironment.body.error.code]).toEqual([403, "wrong_environment"]);
  expect((await relay.call(REGISTER, short, registerBody())).status).toBe(200);
  await relay.clock.advance(600_000);
  const expired = await relay.call(REGISTER, short, registerBody());
  expect([expired.status, expired.body.error.code]).toEqual([401, "expired_token"]);
});

const KEY = publicKeyToJson(testKey());

test.each<[string, string | Uint8Array, number, RegExp]>([
  ["nothing", "", 400, /no JSON/],
  ["no JSON", "{", 400, /no JSON/],
  ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), 400, /no JSON/],
  ["a list", "[]", 400, /not a JSON object/],
  ["null", "null", 400, /not a JSON object/],
  ["no key", JSON.stringify({ security_profile: "noise_hybrid_ik_v1" }), 400, /executor_public_key/],
  ["another profile", JSON.stringify({ security_profile: "plain", executor_public_key: KEY }), 400, /security_profile/],
  [
    "another suite",
    JSON.stringify({ ...registerBody(), executor_public_key: { ...KEY, suite: "none" } }),
    400,
    /unsupported Noise channel suite/,
  ],
  [
    "a key with a member more",
    JSON.stringify({ ...registerBody(), executor_public_key: { ...KEY, more: 1 } }),
    400,
    /unknown member/,
  ],
  [
    "a short key",
    JSON.stringify({ ...registerBody(), executor_public_key: { ...KEY, x25519_public_key: "AAAA" } }),
    400,
    /invalid X25519 public key length/,
  ],
  ["a body of one byte too many", JSON.stringify("x".repeat(SERVICE_LIMITS.maxBodyBytes - 1)), 413, /at most/],
])("refuses a registration with %s", async (_what, body, status, message) => {
  await using relay = await testRelay();
  const token = await relay.token("executor");
  const answer = await relay.call(REGISTER, token, body);
  expect(answer.status).toBe(status);
  expect(answer.body.error.message).toMatch(message);
  expect((await relay.call(REGISTER, token, registerBody())).status).toBe(200);
});

test("refuses a body without a length that goes on and on", async () => {
  await using relay = await testRelay();
  const token = await relay.token("executor");
  const endless = new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(new Uint8Array(4_096)) });
  const answer = await relay.call(REGISTER, token, "", { body: endless, duplex: "half" } as RequestInit);
  expect(answer.status).toBe(413);
});

test.each([
  ["GET", REGISTER, 405],
  ["POST", "/", 404],
  ["POST", "/cloud/environment/env-1/forget", 404],
  ["POST", "/cloud/environment/a/b/register", 404],
  ["POST", "/cloud/environment//register", 400],
  ["POST", "/cloud/environment/a%2fb/register", 400],
  ["POST", "/cloud/environment/%zz/register", 400],
  ["POST", "/cloud/environment/a%00/register", 400],
  ["POST", `/cloud/environment/${"a".repeat(129)}/register`, 400],
])("answers %s %s with %i", async (method, path, status) => {
  await using relay = await testRelay();
  const token = await relay.token("executor");
  const init = method === "GET" ? { method, body: null } : {};
  const answer = await relay.call(path, token, registerBody(), init);
  expect(answer.status).toBe(status);
  expect(answer.body.error.code).toEqual(expect.any(String));
});

test("refuses web pages", async () => {
  await using relay = await testRelay();
  const token = await relay.token("executor");
  const answer = await relay.call(REGISTER, token, registerBody(), { headers: { origin: "http://127.0.0.1" } });
  expect(answer.status).toBe(403);
});

test("sends a client away whose executor never registered, and asks it back where that is only not connected", async () => {
  await using relay = await testRelay();
  const client = await relay.token("client");
  const never = await relay.call(CONNECT, client, connectBody());
  expect([never.status, never.body.error.code]).toEqual([404, "environment_not_found"]);
  await registered(relay);
  const later = await relay.call(CONNECT, client, connectBody());
  expect([later.status, later.body.error.code]).toEqual([503, "environment_not_connected"]);
});

async function introduced(relay: TestRelay) {
  const executor = await connectedExecutor(relay);
  const client = await relay.token("client", "*");
  const told = await bundle(relay, client);
  const validate = async (what: Partial<typeof told> = {}, environmentId = "env-1", token = executor.token) => {
    const path = `/cloud/environment/${environmentId}/validate`;
    const { status, body } = await relay.call(path, token, validateBody({ ...told, ...what }));
    return status === 200 ? body : status;
  };
  return { executor, client, told, validate };
}

test("lets an authorization count once", async () => {
  await using relay = await testRelay();
  const { validate } = await introduced(relay);
  expect(await validate()).toEqual({ valid: true });
  expect(await validate()).toEqual({ valid: false });
});

test.each([
  ["another key", { key: testKey() }],
  ["another registration", { registrationId: "another" }],
  ["another authorization", { authorization: "A".repeat(43) }],
  ["an empty authorization", { authorization: "" }],
])("does not let in a client with %s", async (_what, other) => {
  await using relay = await testRelay();
  const { validate } = await introduced(relay);
  expect(await validate(other)).toEqual({ valid: false });
});

test("does not let an executor of another environment use up an authorization", async () => {
  await using relay = await testRelay();
  const { validate } = await introduced(relay);
  const stranger = await relay.token("executor", "env-2");
  expect(await validate({}, "env-1", stranger)).toBe(403);
  expect(await validate()).toEqual({ valid: true });
});

test("lets an authorization be shown for a minute, whatever the time of day is set to", async () => {
  await using relay = await testRelay();
  const { validate, client, executor } = await introduced(relay);
  const late = await bundle(relay, client);
  relay.clock.offMs = -3_600_000;
  await relay.clock.advance(SERVICE_LIMITS.authorizationMs - 1);
  expect(await validate()).toEqual({ valid: true });
  await relay.clock.advance(1);
  const { body } = await relay.call(VALIDATE, executor.token, validateBody(late));
  expect(body).toEqual({ valid: false });
});

test("forgets an authorization for an executor that has registered again", async () => {
  await using relay = await testRelay();
  const { told, executor } = await introduced(relay);
  const again = await registered(relay, "env-1", executor.token);
  const { body } = await relay.call(VALIDATE, executor.token, validateBody({ ...told, ...again }));
  expect(body).toEqual({ valid: false });
});

test("slows one token down about one environment, and no other one", async () => {
  await using relay = await testRelay();
  const { client } = await introduced(relay);
  const other = await relay.token("client", "*");
  const statuses: number[] = [];
  for (let asked = 0; asked <= SERVICE_LIMITS.environmentBurst; asked += 1) {
    statuses.push((await relay.call(CONNECT, client, connectBody())).status);
  }
  expect(statuses.at(0)).toBe(200);
  expect(statuses.at(-1)).toBe(429);
  expect((await relay.call(CONNECT, other, connectBody())).status).toBe(200);
  await relay.clock.advance(1_000);
  expect((await relay.call(CONNECT, client, connectBody())).status).toBe(200);
});

test("tells an executor that registers too often of a conflict, which it tries again", async () => {
  await using relay = await testRelay();
  const token = await relay.token("executor");
  for (let asked = 0; asked <= SERVICE_LIMITS.environmentBurst; asked += 1) await relay.call(REGISTER, token, "");
  const { status, body } = await relay.call(REGISTER, token, registerBody());
  expect([status, body.error.code]).toEqual([503, "registration_conflict"]);
});

test("stops talking to an address that shows wrong tokens, and lets right ones in from there", async () => {
  await using relay = await testRelay();
  const token = await relay.token("executor");
  const statuses: number[] = [];
  for (let asked = 0; asked <= SERVICE_LIMITS.failureBurst; asked += 1) {
    statuses.push((await relay.call(REGISTER, "wrong", registerBody())).status);
  }
  expect(statuses.at(0)).toBe(401);
  expect(statuses.at(-1)).toBe(429);
  const recorded = relay.log.filter(({ message }) => message === "refused").length;
  await relay.call(REGISTER, "wrong", registerBody());
  expect(relay.log.filter(({ message }) => message === "refused")).toHaveLength(recorded);
  expect((await relay.call(REGISTER, token, registerBody())).status).toBe(200);
});

test("shows its numbers to this machine and to a token for them, and to nobody behind a proxy", async () => {
  await using near = await testRelay();
  const { text, status } = await near.call("/metrics", undefined, "", { method: "GET", body: null });
  expect(status).toBe(200);
  expect(text).toContain("holdfast_relay_tokens_file_good 1\n");
  await using proxied = await testRelay({ publicUrl: "https://relay.example/hold" });
  const get = { method: "GET", body: null };
  expect((await proxied.call("/metrics", undefined, "", get)).status).toBe(401);
  expect((await proxied.call("/metrics", await proxied.token("client"), "", get)).status).toBe(403);
  expect((await proxied.call("/metrics", await proxied.token("monitor"), "", get)).status).toBe(200);
});

test("gives out URLs below its public one, and answers with its prefix and without", async () => {
  await using relay = await testRelay({ publicUrl: "https://relay.example/hold/" });
  expect(relay.service.url).toBe("https://relay.example/hold");
  const token = await relay.token("executor");
  const answer = await relay.call(`/hold${REGISTER}`, token, registerBody());
  expect(answer.body.url).toMatch(/^wss:\/\/relay\.example\/hold\/cloud\/environment\/env-1\/rendezvous\?/);
  expect((await relay.call(REGISTER, token, registerBody())).status).toBe(200);
});

test("writes neither tokens nor authorizations nor keys nor queries into its log", async () => {
  await using relay = await testRelay();
  const { executor, client, told, validate } = await introduced(relay);
  await validate();
  await relay.call(REGISTER, "hfr_wrong-but-secret", registerBody());
  const text = JSON.stringify(relay.log);
  const query = new URL(told.url).searchParams.get("signature") ?? "";
  const secrets = [executor.token, client, told.authorization, query, "wrong-but-secret"];
  for (const secret of [...secrets, Buffer.from(told.key.x25519).toString("base64")])
    expect(text).not.toContain(secret);
  expect(relay.log.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      "executor registered",
      "executor connected",
      "client asked for an executor",
      "client let in by executor",
    ]),
  );
});
