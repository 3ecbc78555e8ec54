import {
  type PublicKey,
  PublicKeyError,
  publicKeyFromJson,
  publicKeysEqual,
  publicKeyToJson,
  RegistryJsonError,
  readConnectRequest,
  readConnectResponse,
  readRegisterRequest,
  readRegisterResponse,
  readValidateRequest,
  readValidateResponse,
} from "@holdfast/relay-protocol";
import { describe, expect, test } from "vitest";

const key: PublicKey = {
  x25519: Uint8Array.from({ length: 32 }, (_, index) => index),
  mlKem768: Uint8Array.from({ length: 1_184 }, (_, index) => index % 251),
};
const json = publicKeyToJson(key);

describe("a public key", () => {
  test("has the members of the wire, and comes back from them", () => {
    expect(Object.keys(json)).toEqual(["suite", "x25519_public_key", "mlkem768_public_key"]);
    expect(json.suite).toBe("Noise_hybridIK_X25519+MLKEM768_AESGCM_SHA256");
    expect(json.x25519_public_key).toBe(Buffer.from(key.x25519).toString("base64"));
    expect(json.mlkem768_public_key).toBe(Buffer.from(key.mlKem768).toString("base64"));
    expect(publicKeysEqual(publicKeyFromJson(JSON.parse(JSON.stringify(json))), key)).toBe(true);
  });

  test.each([
    ["no object", null, "public key is not an object"],
    ["a list", [json], "public key is not an object"],
    ["a member more", { ...json, expires_at: 1 }, "public key has an unknown member"],
    ["a member less", { ...json, suite: undefined }, "public key: `suite` is not a string"],
    [
      "a key that is no text",
      { ...json, mlkem768_public_key: [1] },
      "public key: `mlkem768_public_key` is not a string",
    ],
    // The name that Noise hashes, and one letter in lower case.
    [
      "the name of the protocol for the suite",
      { ...json, suite: "Noise_hybridIK_25519+MLKEM768_AESGCM_SHA256" },
      "unsupported Noise channel suite",
    ],
    ["another suite", { ...json, suite: json.suite.toLowerCase() }, "unsupported Noise channel suite"],
    ["no base64", { ...json, x25519_public_key: "%%%%" }, "invalid X25519 public key"],
    [
      "base64 without padding",
      { ...json, x25519_public_key: json.x25519_public_key.slice(0, -1) },
      "invalid X25519 public key",
    ],
    ["a short key", { ...json, x25519_public_key: "AAAA" }, "invalid X25519 public key length"],
    ["no base64 of the other", { ...json, mlkem768_public_key: "-___" }, "invalid ML-KEM-768 public key"],
    ["a long key", { ...json, mlkem768_public_key: `${"AAAA".repeat(395)}` }, "invalid ML-KEM-768 public key length"],
  ])("is refused with %s", (_what, value, message) => {
    expect(() => publicKeyFromJson(value)).toThrow(new PublicKeyError(message));
  });

  test("equals itself alone", () => {
    const other = (change: Partial<PublicKey>) => publicKeysEqual(key, { ...key, ...change });
    expect(other({})).toBe(true);
    expect(other({ x25519: key.x25519.map((byte, index) => (index === 31 ? byte ^ 1 : byte)) })).toBe(false);
    expect(other({ mlKem768: key.mlKem768.map((byte, index) => (index === 0 ? byte ^ 1 : byte)) })).toBe(false);
    expect(other({ x25519: key.x25519.subarray(1) })).toBe(false);
  });
});

const register = { security_profile: "noise_hybrid_ik_v1", executor_public_key: json };
const validate = { executor_registration_id: "reg-1", harness_public_key: json, harness_key_authorization: "secret-a" };
const registered = {
  environment_id: "env-1",
  url: "wss://r.test/ws?sig=secret-u",
  security_profile: "noise_hybrid_ik_v1",
  executor_registration_id: "reg-1",
};
const connected = { ...registered, executor_public_key: json, harness_key_authorization: "secret-a" };

describe("a body", () => {
  test("is read as it is, and what a later release adds is left out", () => {
    expect(readRegisterRequest({ ...register, later: 1 })).toEqual(register);
    expect(readConnectRequest({ harness_public_key: json, later: 1 })).toEqual({ harness_public_key: json });
    expect(readValidateRequest({ ...validate, later: 1 })).toEqual(validate);
    expect(readRegisterResponse({ ...registered, later: 1 }, "env-1")).toEqual(registered);
    expect(readConnectResponse({ ...connected, later: 1 }, "env-1")).toEqual(connected);
    expect(readValidateResponse({ valid: false, later: 1 })).toEqual({ valid: false });
  });

  const forRegister = (value: unknown) => readRegisterResponse(value, "env-1");
  const forConnect = (value: unknown) => readConnectResponse(value, "env-1");
  const INCOMPLETE = "environment registry returned incomplete Noise connection data";
  const OTHER_PROFILE = "environment registry returned unsupported security profile `noise_xx`";

  test.each([
    [readRegisterRequest, "text", "the body is not a JSON object"],
    [
      readRegisterRequest,
      { ...register, security_profile: "noise_xx" },
      "`security_profile` is not noise_hybrid_ik_v1",
    ],
    [
      readRegisterRequest,
      { security_profile: "noise_hybrid_ik_v1" },
      "`executor_public_key`: public key is not an object",
    ],
    [
      readConnectRequest,
      { harness_public_key: { ...json, x: 1 } },
      "`harness_public_key`: public key has an unknown member",
    ],
    [readValidateRequest, { ...validate, harness_key_authorization: 7 }, "`harness_key_authorization` is not a string"],
    [
      readValidateRequest,
      { ...validate, executor_registration_id: null },
      "`executor_registration_id` is not a string",
    ],
    [
      forRegister,
      { ...registered, environment_id: "env-2" },
      "environment registry returned a different environment id",
    ],
    [forRegister, { ...registered, security_profile: "noise_xx" }, OTHER_PROFILE],
    [forRegister, { ...registered, url: undefined }, "`url` is not a string"],
    [forConnect, { ...connected, environment_id: "env-2" }, "environment registry returned a different environment id"],
    [forConnect, { ...connected, security_profile: "noise_xx" }, OTHER_PROFILE],
    [forConnect, { ...connected, url: " " }, INCOMPLETE],
    [forConnect, { ...connected, executor_registration_id: "" }, INCOMPLETE],
    [forConnect, { ...connected, harness_key_authorization: "\n" }, INCOMPLETE],
    [
      forConnect,
      { ...connected, executor_public_key: { ...json, suite: "x" } },
      "`executor_public_key`: unsupported Noise channel suite",
    ],
    [readValidateResponse, {}, "`valid` is not a boolean"],
    [readValidateResponse, { valid: "true" }, "`valid` is not a boolean"],
    [readValidateResponse, [true], "the body is not a JSON object"],
  ])("of %o is refused when it is %o", (read, value, message) => {
    expect(() => read(value)).toThrow(new RegistryJsonError(message));
  });

  test("that is refused shows none of what it holds", () => {
    const values = [
      [readValidateRequest, { ...validate, harness_public_key: "secret-a" }],
      [forConnect, { ...connected, executor_registration_id: " " }],
      [forConnect, { ...connected, executor_public_key: { ...json, "secret-a": 1 } }],
    ] as const;
    for (const [read, value] of values) expect(() => read(value)).toThrow(/^(?!.*secret)/s);
  });
});
