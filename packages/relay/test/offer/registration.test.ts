import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { offer } from "../../src/offer/index.ts";
import { Offered } from "./offered.ts";
import { type Answer, SmallRelay } from "./small-relay.ts";

async function failure(answer: Answer): Promise<string> {
  await using offered = await Offered.start({}, (relay) => {
    relay.onRegister = () => answer;
  });
  const error = await offered.offer.ended.catch((thrown: unknown) => thrown);
  await expect(offered.offer.connected).rejects.toBe(error);
  expect(offered.relay.of("register")).toHaveLength(1);
  expect(offered.relay.upgrades).toHaveLength(0);
  return error instanceof Error ? error.message : "ended";
}

function coded(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

const AUTHENTICATION = "environment registry authentication error: environment registry authentication failed";

describe("the first registration ends with what the registry says", () => {
  test.each([
    ["401", coded(401, "no", "bad key"), `${AUTHENTICATION} (401 Unauthorized): bad key`],
    ["403 without a body", { status: 403 }, `${AUTHENTICATION} (403 Forbidden): empty error body`],
    ["404", coded(404, "nf", "no env"), "environment registry request failed (404 Not Found, nf): no env"],
    [
      "429 with a text",
      { status: 429, body: " slow down " },
      "environment registry request failed (429 Too Many Requests): slow down",
    ],
    [
      "500 with nothing",
      { status: 500 },
      "environment registry request failed (500 Internal Server Error): empty or malformed error body",
    ],
    [
      "503 with another code",
      coded(503, "busy", "later"),
      "environment registry request failed (503 Service Unavailable, busy): later",
    ],
    [
      "502 with another code",
      coded(502, "bad", "gateway"),
      "environment registry request failed (502 Bad Gateway, bad): gateway",
    ],
    [
      "503 with the code of a 502",
      coded(503, "authentication_service_unavailable", "x"),
      "environment registry request failed (503 Service Unavailable, authentication_service_unavailable): x",
    ],
    [
      "another environment",
      {
        body: {
          environment_id: "env-2",
          url: "ws://x",
          security_profile: "noise_hybrid_ik_v1",
          executor_registration_id: "r",
        },
      },
      "environment registry returned a different environment id",
    ],
    [
      "another profile",
      { body: { environment_id: "env-1", url: "ws://x", security_profile: "v2", executor_registration_id: "r" } },
      "environment registry returned unsupported security profile `v2`",
    ],
    [
      "a missing member",
      { body: { environment_id: "env-1", url: "ws://x", security_profile: "noise_hybrid_ik_v1" } },
      "`executor_registration_id` is not a string",
    ],
    ["no JSON", { body: "<html>" }, "the body is no JSON"],
  ])("%s", async (_name, answer, expected) => {
    expect(await failure(answer)).toContain(expected);
  });

  test("302, which is not followed", async () => {
    let followed = 0;
    await using offered = await Offered.start({}, (relay) => {
      relay.onRegister = ({ path }) => {
        if (path.startsWith("/other")) followed += 1;
        return { status: 307, headers: { location: `${relay.url}/other/register` } };
      };
    });
    await expect(offered.offer.ended).rejects.toThrow("environment registry request failed (307 Temporary Redirect)");
    expect(followed).toBe(0);
  });

  test("an answer that has no end", async () => {
    expect(await failure({ body: "x".repeat(65_537) })).toContain("more than 65536 bytes");
  });

  test("a registry that repeats the token does not have it shown", async () => {
    expect(await failure({ status: 401, body: "what is token-1?" })).toContain("what is ***?");
  });

  test("a text is shown up to 4,096 characters", async () => {
    const text = await failure({ status: 500, body: "é".repeat(5_000) });
    expect(text.match(/é/g)).toHaveLength(4_096);
  });

  test("nobody there", async () => {
    const relay = await SmallRelay.start();
    const { url } = relay;
    await relay[Symbol.asyncDispose]();
    const running = offer({ registryUrl: url, environmentId: "e", credential: () => "t", accept: () => {} });
    await expect(running.ended).rejects.toThrow("environment registry request failed: connect ECONNREFUSED 127.0.0.1:");
  });

  test("no answer within 10 s, and it is not sent again", async () => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, (relay) => {
      relay.onRegister = () => "silence";
    });
    await until(() => offered.relay.calls.length === 1);
    await clock.advance(9_999);
    let error: unknown;
    offered.offer.ended.catch((thrown: unknown) => {
      error = thrown;
    });
    await clock.advance(0);
    expect(error).toBeUndefined();
    await clock.advance(1);
    await until(() => error !== undefined);
    expect(String(error)).toContain("no answer within 10 s");
    await clock.advance(60_000);
    expect(offered.relay.calls).toHaveLength(1);
  });
});

describe("a registration that was not written", () => {
  test.each([
    ["a conflict", coded(503, "registration_conflict", "again")],
    ["an authentication service that is not there", coded(502, "authentication_service_unavailable", "again")],
  ])("is sent again after %s, for as long as it takes", async (_name, answer) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock, random: () => 0 }, (relay) => {
      relay.onRegister = () => (relay.calls.length <= 5 ? answer : { body: relay.registration() });
    });
    for (const [count, delayMs] of [500, 1_000, 2_000, 4_000, 5_000].entries()) {
      await until(() => offered.waits.length === count + 1);
      await clock.advance(delayMs - 1);
      expect(offered.relay.calls).toHaveLength(count + 1);
      await clock.advance(1);
      await until(() => offered.relay.calls.length === count + 2);
    }
    await offered.offer.connected;
    const told = offered.lines.filter(({ message }) => message.includes("retrying uncommitted"));
    expect(told.map(({ fields }) => fields.retry_delay_ms)).toEqual([500, 1_000, 2_000, 4_000, 5_000]);
    expect(told[0]?.fields.retry_attempt).toBe(1);
  });
});

describe("what can't be offered", () => {
  test.each([
    ["ftp://host", "e", "expected https://"],
    ["not a url", "e", "expected https://"],
    ["https://user@host", "e", "no user, password, query or fragment"],
    ["https://host?x=1", "e", "no user, password, query or fragment"],
    ["http://relay.example", "e", "remote transport requires https for non-loopback endpoints"],
    ["http://127.0.0.1.evil.example", "e", "remote transport requires https for non-loopback endpoints"],
    ["https://host", "  ", "must not be empty"],
    ["https://host", "a/b", "can't be part of a path"],
    ["https://host", "..", "can't be part of a path"],
    ["https://host", "a\nb", "can't be part of a path"],
  ])("%s with %j", (registryUrl, environmentId, expected) => {
    expect(() => offer({ registryUrl, environmentId, credential: () => "t", accept: () => {} })).toThrow(expected);
  });

  test("a prefix stays, slashes at the end do not, and a blank is escaped", async () => {
    await using offered = await Offered.start({ environmentId: " env 1 " }, (relay) => {
      relay.onRegister = () => ({ status: 404 });
    });
    await offered.offer.ended.catch(() => {});
    expect(offered.relay.calls[0]?.path).toBe("/cloud/environment/env%201/register");
    const { url, ended } = offer({
      registryUrl: "http://127.0.0.1:9/a/b//",
      environmentId: "e 1",
      credential: () => "t",
      accept: () => {},
    });
    ended.catch(() => {});
    expect(url).toBe("relay+http://127.0.0.1:9/a/b/e%201");
  });
});
