import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type SignedTokenRules, signedTokenCheck } from "../../src/serve/signed-token.ts";

const SECRET = Buffer.from("01234567890123456789012345678901");
const NOW = 1_800_000_000;
const GOOD = { exp: NOW + 60 };
const HEADER = { alg: "HS256", typ: "JWT" };

function part(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

function signed(claims: unknown, header: unknown = HEADER, secret: Buffer = SECRET, hash = "sha256"): string {
  const head = `${part(header)}.${part(claims)}`;
  return `${head}.${createHmac(hash, secret).update(head).digest("base64url")}`;
}

async function verdict(token: string, rules: Partial<SignedTokenRules> = {}): Promise<string> {
  const all = { issuer: undefined, audience: undefined, maxClockSkewSeconds: 30, ...rules };
  const result = await (await signedTokenCheck(SECRET, all, () => NOW))(token);
  return "refusal" in result ? result.refusal : "admitted";
}

describe("a signed token", () => {
  test.each<[string, unknown]>([
    ["expires in a minute", GOOD],
    ["has just expired", { exp: NOW - 30 }],
    ["begins soon", { ...GOOD, nbf: NOW + 30 }],
    ["begins for ever", `{"exp":${NOW},"nbf":-9223372036854775808}`],
    ["never expires", '{"exp":9223372036854775807}'],
    ["says nothing of what it may", { ...GOOD, nbf: null, iss: null, aud: null }],
    ["is for many", { ...GOOD, aud: [] }],
  ])("admits one that %s", async (_, claims) => {
    expect(await verdict(signed(claims))).toBe("admitted");
  });

  test.each<[string, unknown, string]>([
    ["no exp", {}, "invalid websocket jwt"],
    ["an exp that is text", { exp: String(NOW + 60) }, "invalid websocket jwt"],
    ["an exp that is no whole number", { exp: NOW + 0.5 }, "invalid websocket jwt"],
    ["an exp that is no number of 64 bits", '{"exp":99999999999999999999}', "invalid websocket jwt"],
    ["an nbf that is text", { ...GOOD, nbf: "x" }, "invalid websocket jwt"],
    ["an iss that is a number", { ...GOOD, iss: 5 }, "invalid websocket jwt"],
    ["an aud of numbers", { ...GOOD, aud: [5] }, "invalid websocket jwt"],
    ["claims that are a list", [1], "invalid websocket jwt"],
    ["claims that are no JSON", "{", "invalid websocket jwt"],
    ["an end in the past", { exp: NOW - 31 }, "expired websocket jwt"],
    ["an end before all time", { exp: -1 }, "expired websocket jwt"],
    ["a begin in the future", { ...GOOD, nbf: NOW + 31 }, "websocket jwt is not valid yet"],
  ])("is refused that has %s", async (_, claims, refusal) => {
    expect(await verdict(signed(claims))).toBe(refusal);
  });

  test.each<[string, string]>([
    ["no signature", `${part({ alg: "none" })}.${part(GOOD)}.`],
    ["a signature of no algorithm", signed(GOOD, { alg: "none" })],
    ["another algorithm", signed(GOOD, { alg: "HS512" }, SECRET, "sha512")],
    ["an algorithm in small letters", signed(GOOD, { alg: "hs256" })],
    ["no algorithm", signed(GOOD, { typ: "JWT" })],
    ["another secret", signed(GOOD, HEADER, Buffer.from("x".repeat(32)))],
    ["padding", `${signed(GOOD)}=`],
    ["four parts", `${signed(GOOD)}.x`],
    ["other claims than were signed", signed(GOOD).replace(/\.[^.]+\./, `.${part({ exp: NOW + 900 })}.`)],
    ["a header that is no text", signed(GOOD, { ...HEADER, kid: 5 })],
    ["a part that must be understood", signed(GOOD, { ...HEADER, crit: ["x"], x: 1 })],
    ["nothing of one", "tok"],
    ["nothing", ""],
  ])("is refused with %s", async (_, token) => {
    expect(await verdict(token)).toBe("invalid websocket jwt");
  });

  test("is checked for who issued it and for whom, where that is asked for", async () => {
    const rules = { issuer: "me", audience: "it" };
    expect(await verdict(signed({ ...GOOD, iss: "me", aud: "it" }), rules)).toBe("admitted");
    expect(await verdict(signed({ ...GOOD, iss: "me", aud: ["x", "it"] }), rules)).toBe("admitted");
    for (const iss of [undefined, "you", " me"]) {
      expect(await verdict(signed({ ...GOOD, iss, aud: "it" }), rules)).toBe("websocket jwt issuer mismatch");
    }
    for (const aud of [undefined, "x", ["x"], []]) {
      expect(await verdict(signed({ ...GOOD, iss: "me", aud }), rules)).toBe("websocket jwt audience mismatch");
    }
    expect(await verdict(signed({ exp: 5, nbf: NOW + 900, iss: "you" }), rules)).toBe("expired websocket jwt");
  });

  test("says whom it is about", async () => {
    const check = await signedTokenCheck(
      SECRET,
      { issuer: undefined, audience: undefined, maxClockSkewSeconds: 0 },
      () => NOW,
    );
    expect(await check(signed({ ...GOOD, sub: "ci" }))).toEqual({ subject: "ci" });
    expect(await check(signed({ exp: NOW }))).toEqual({ subject: undefined });
    expect(await check(signed({ exp: NOW - 1 }))).toEqual({ refusal: "expired websocket jwt" });
  });
});
