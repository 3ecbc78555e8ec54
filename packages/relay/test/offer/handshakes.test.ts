import { REGISTRY_REFUSED_PAYLOAD } from "@holdfast/relay-protocol";
import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Offered } from "./offered.ts";
import type { RawHarness } from "./raw-harness.ts";
import type { Answer, SmallRelay } from "./small-relay.ts";

/** The registry says nothing until it is told to. */
function silent(relay: SmallRelay): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  relay.onValidate = async () => {
    await promise;
    return { body: { valid: true } };
  };
  return resolve;
}

describe("what the registry says of a harness", () => {
  test.each<[string, Answer, string]>([
    ["valid: false", { body: { valid: false } }, "validation_protocol"],
    ["no valid", { body: {} }, "registry_request"],
    ["a valid that is a text", { body: { valid: "true" } }, "registry_request"],
    ["no JSON", { body: "yes" }, "registry_request"],
    ["403", { status: 403, body: { valid: true } }, "registry_auth"],
    ["404", { status: 404 }, "registry_http"],
    ["500", { status: 500 }, "registry_http"],
    ["307", { status: 307, headers: { location: "/cloud/environment/env-1/validate" } }, "registry_http"],
  ])("%s: a plain reset", async (_name, answer, reason) => {
    await using offered = await Offered.start({}, (relay) => {
      relay.onValidate = () => answer;
    });
    const harness = await offered.harness();
    harness.knock();
    await harness.socket.reset(harness.streamId);
    expect(harness.payload).toBeUndefined();
    expect(offered.served).toEqual([]);
    expect(offered.reasons()).toEqual(expect.arrayContaining(["authorization_failed", reason]));
    expect(offered.relay.of("validate")).toHaveLength(1);
  });

  test("201 with valid: true: let in, as by the executors of releases", async () => {
    await using offered = await Offered.start({}, (relay) => {
      relay.onValidate = () => ({ status: 201, body: { valid: true } });
    });
    const harness = await offered.harness();
    harness.knock();
    await harness.opened();
    expect(harness.payload).toBe("");
  });

  test("401: the harness is told that the executor is not known, and gets no stream", async () => {
    await using offered = await Offered.start({}, (relay) => {
      relay.onValidate = () => ({ status: 401 });
    });
    const harness = await offered.harness();
    harness.knock();
    await harness.opened();
    expect(harness.payload).toBe(REGISTRY_REFUSED_PAYLOAD);
    expect(offered.served).toEqual([]);
    harness.send("{}");
    await harness.socket.reset(harness.streamId);
  });

  test("nothing within 10 s: a reset, and the stream is gone for good", async () => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, silent);
    const harness = await offered.harness();
    harness.knock();
    await until(() => offered.relay.of("validate").length === 1);
    await clock.advance(9_999);
    expect(harness.socket.of(harness.streamId)).toEqual([]);
    await clock.advance(1);
    await harness.socket.reset(harness.streamId);
    expect(offered.reasons()).toContain("registry_request_timeout");
  });

  test("a credential that does not count now refuses harnesses without asking", async () => {
    let isExpired = false;
    await using offered = await Offered.start({
      credential: () => {
        if (isExpired) throw new Error("expired");
        return "token-1";
      },
    });
    await offered.offer.connected;
    isExpired = true;
    const harness = await offered.harness();
    harness.knock();
    await harness.socket.reset(harness.streamId);
    expect(offered.relay.of("validate")).toEqual([]);
    expect(offered.reasons()).toContain("registry_config");
    isExpired = false;
    await offered.joined();
  });
});

describe("a first message", () => {
  test.each([
    ["for another registration", { registrationId: "reg-2" }],
    ["for another environment", { environmentId: "env-2" }],
  ])("%s is refused without asking", async (_name, place) => {
    await using offered = await Offered.start();
    const harness = await offered.harness(place);
    harness.knock();
    await harness.socket.reset(harness.streamId);
    expect(offered.relay.of("validate")).toEqual([]);
    expect(offered.reasons()).toContain("handshake_request");
  });

  test("taken to another stream is refused", async () => {
    await using offered = await Offered.start();
    const harness = await offered.harness();
    const payload = harness.firstMessage();
    harness.socket.send({ streamId: "elsewhere", body: { kind: "handshake", payload } });
    await harness.socket.reset("elsewhere");
    expect(offered.relay.of("validate")).toEqual([]);
  });

  test("of 65,536 bytes is refused for that, and one of 65,535 is read", async () => {
    await using offered = await Offered.start();
    const socket = await offered.relay.socket();
    for (const [streamId, bytes] of [
      ["longest", 65_535],
      ["longer", 65_536],
    ] as const) {
      socket.send({ streamId, body: { kind: "handshake", payload: new Uint8Array(bytes) } });
      await socket.reset(streamId);
    }
    const told = offered
      .messages()
      .filter((message) => message.startsWith("failed to read Noise relay handshake request"));
    expect(told).toHaveLength(2);
    expect(told[0]).not.toContain("too large");
    expect(told[1]).toContain("handshake request is too large");
  });

  test("has an authorization of up to 4,096 bytes, empty or not, in UTF-8", async () => {
    await using offered = await Offered.start();
    for (const authorization of ["", "a".repeat(4_096), "é"]) {
      const harness = await offered.harness();
      harness.knock(authorization);
      await harness.opened();
      expect(offered.relay.of("validate").at(-1)?.body.harness_key_authorization).toBe(authorization);
    }
    for (const [authorization, reason] of [
      ["a".repeat(4_097), "authorization_too_long"],
      [Uint8Array.of(0xff, 0xfe), "authorization_not_utf8"],
    ] as const) {
      const harness = await offered.harness();
      harness.knock(authorization);
      await harness.socket.reset(harness.streamId);
      expect(offered.reasons().at(-1)).toBe(reason);
    }
    expect(offered.relay.of("validate")).toHaveLength(3);
  });

  test("with a stream id that can't be a header is refused without asking", async () => {
    await using offered = await Offered.start();
    const harness = await offered.harness({ streamId: "straße\n" });
    harness.knock();
    await harness.socket.reset(harness.streamId);
    expect(offered.relay.of("validate")).toEqual([]);
  });
});

describe("while the registry is asked", () => {
  test("data gives the handshake up, and the late answer counts no more", async () => {
    let answer = (): void => {};
    await using offered = await Offered.start({}, (relay) => {
      answer = silent(relay);
    });
    const harness = await offered.harness();
    harness.knock();
    await until(() => offered.relay.of("validate").length === 1);
    harness.record(0, new Uint8Array(16));
    await harness.socket.reset(harness.streamId);
    answer();
    // The next one of that name is a new one.
    const { harness: next } = await offered.joined({ streamId: harness.streamId });
    expect(next.payload).toBe("");
    expect(offered.served).toHaveLength(1);
    expect(harness.socket.of(harness.streamId, "handshake")).toHaveLength(1);
  });

  test("a second handshake gives both up", async () => {
    let answer = (): void => {};
    await using offered = await Offered.start({}, (relay) => {
      answer = silent(relay);
    });
    const harness = await offered.harness();
    harness.knock();
    await until(() => offered.relay.of("validate").length === 1);
    harness.socket.send({ streamId: harness.streamId, body: { kind: "handshake", payload: new Uint8Array(3_572) } });
    await harness.socket.reset(harness.streamId);
    answer();
    await offered.joined();
    expect(harness.socket.of(harness.streamId).map(({ body }) => body.kind)).toEqual(["reset"]);
    expect(offered.reasons()).toContain("duplicate_pending_stream");
  });

  test("a reset gives it up, and is not answered", async () => {
    let answer = (): void => {};
    await using offered = await Offered.start({}, (relay) => {
      answer = silent(relay);
    });
    const harness = await offered.harness();
    harness.knock();
    await until(() => offered.relay.of("validate").length === 1);
    harness.reset();
    answer();
    await offered.joined();
    expect(harness.socket.of(harness.streamId)).toEqual([]);
    expect(offered.served).toHaveLength(1);
  });

  test("32 are asked about, the 33rd is reset", async () => {
    let answer = (): void => {};
    await using offered = await Offered.start({}, (relay) => {
      answer = silent(relay);
    });
    const harnesses: RawHarness[] = [];
    for (let count = 0; count < 32; count += 1) harnesses.push(await offered.harness());
    for (const harness of harnesses) harness.knock();
    await until(() => offered.relay.of("validate").length === 32);
    const late = await offered.harness();
    late.knock();
    await late.socket.reset(late.streamId);
    expect(offered.messages()).toContain("Noise relay has too many pending harness key validations");
    answer();
    await Promise.all(harnesses.map((harness) => harness.opened()));
    await offered.joined();
  });
});

test("128 streams are served, the 129th is reset, and has its place when one goes", async () => {
  await using offered = await Offered.start();
  const joined: Awaited<ReturnType<Offered["joined"]>>[] = [];
  for (let count = 0; count < 128; count += 1) joined.push(await offered.joined());
  expect(offered.offer.streamCount).toBe(128);
  const late = await offered.harness();
  late.knock();
  await late.socket.reset(late.streamId);
  expect(offered.messages()).toContain("Noise relay has too many active streams");
  joined[5]?.harness.reset();
  await until(() => offered.offer.streamCount === 127);
  await offered.joined();
  joined[7]?.harness.send("{}");
  await until(() => joined[7]?.served.frames.length === 1);
});

describe("eight handshakes that failed", () => {
  async function fail(offered: Offered, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) {
      const harness = await offered.harness({ registrationId: "another" });
      harness.knock();
      await harness.socket.reset(harness.streamId);
    }
  }

  test("begin a pause of 10 s, in which live streams go on, and which begins the count anew", async () => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock });
    const { harness: live, served } = await offered.joined();
    await fail(offered, 7);
    await offered.joined();
    await fail(offered, 1);
    expect(offered.messages()).toContain("pausing Noise relay handshakes after repeated failures");
    const asked = offered.relay.of("validate").length;
    const refused = await offered.harness();
    refused.knock();
    await refused.socket.reset(refused.streamId);
    live.send("{}");
    await until(() => served.frames.length === 1);
    await clock.advance(9_999);
    const again = await offered.harness();
    again.knock();
    await again.socket.reset(again.streamId);
    expect(offered.relay.of("validate")).toHaveLength(asked);
    await clock.advance(1);
    await fail(offered, 7);
    await offered.joined();
  });

  test("are no matter of the next socket", async () => {
    await using offered = await Offered.start({ random: () => 0 });
    await fail(offered, 8);
    offered.relay.sockets[0]?.webSocket.terminate();
    await offered.relay.socket(2);
    await offered.joined();
  });

  test("are not those that had no place, or came to a live stream", async () => {
    await using offered = await Offered.start();
    const { harness } = await offered.joined();
    for (let count = 1; count <= 10; count += 1) {
      harness.socket.send({ streamId: harness.streamId, body: { kind: "handshake", payload: new Uint8Array(3_572) } });
      await harness.socket.reset(harness.streamId, count);
    }
    await offered.joined();
  });

  test("may be credentials that the registry did not know", async () => {
    await using offered = await Offered.start({}, (relay) => {
      relay.onValidate = () => ({ status: 401 });
    });
    for (let count = 0; count < 8; count += 1) {
      const harness = await offered.harness();
      harness.knock();
      await harness.opened();
    }
    const harness = await offered.harness();
    harness.knock();
    await harness.socket.reset(harness.streamId);
  });
});
