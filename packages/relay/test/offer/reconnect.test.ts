import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Offered } from "./offered.ts";

/** Time moves on until the executor has knocked so many times at the rendezvous. */
async function advanceUntil(clock: FakeClock, stepMs: number, condition: () => boolean): Promise<number> {
  let passed = 0;
  while (!condition()) {
    await clock.advance(stepMs);
    passed += stepMs;
    await new Promise((resolve) => setImmediate(resolve));
    if (passed > 1_000_000) throw new Error("it never came");
  }
  return passed;
}

describe("a socket that can't be opened", () => {
  test.each([
    ["with the greatest jitter", 1, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]],
    ["with none", 0, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]],
  ])("is tried again with the same URL after 503, %s", async (_name, random, waits) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock, random: () => random }, (relay) => {
      relay.onUpgrade = () => ({ status: 503 });
    });
    const { relay, waits: told } = offered;
    for (const [count, delayMs] of waits.entries()) {
      await until(() => told.length === count + 1);
      await clock.advance(delayMs - 1);
      expect(relay.upgrades).toHaveLength(count + 1);
      await clock.advance(1);
      await until(() => relay.upgrades.length === count + 2);
    }
    expect(relay.of("register")).toHaveLength(1);
    expect(new Set(relay.upgrades.map((upgrade) => upgrade[":path"]))).toEqual(
      new Set(["/socket?role=environment&sig=secret-1"]),
    );
    expect(new Set(relay.upgrades.map((upgrade) => upgrade["x-request-id"])).size).toBe(relay.upgrades.length);
  });

  test.each([301, 307, 500, 502])("keeps its registration after %i", async (status) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, (relay) => {
      relay.onUpgrade = () => (relay.upgrades.length < 3 ? { status, headers: { location: "/elsewhere" } } : "open");
    });
    await advanceUntil(clock, 500, () => offered.relay.sockets.length === 1);
    await offered.offer.connected;
    expect(offered.relay.of("register")).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 409, 429])(
    "registers at once after %i, and waits before it goes there",
    async (status) => {
      const clock = new FakeClock();
      await using offered = await Offered.start({ clock, random: () => 1 }, (relay) => {
        relay.onUpgrade = () =>
          relay.upgrades.length < 2
            ? { status, headers: { "x-codex-rendezvous-rejection-reason": status === 401 ? "expired" : "made up" } }
            : "open";
      });
      const { relay, lines } = offered;
      await until(() => relay.of("register").length === 2);
      expect(clock.now()).toBe(0);
      await until(
        () => lines.filter(({ message }) => message === "Noise executor registration completed").length === 2,
      );
      await clock.advance(999);
      expect(relay.upgrades).toHaveLength(1);
      await clock.advance(1);
      await offered.offer.connected;
      expect(relay.upgrades[1]?.[":path"]).toContain("secret-2");
      const [first, second] = relay.of("register");
      expect(second?.body).toEqual(first?.body);
      const failed = lines.find(({ message }) => message === "Noise executor failed to connect to rendezvous");
      expect(failed).toMatchObject({
        level: "warn",
        fields: {
          noise_reason: "websocket_error",
          error_kind: "http",
          http_status: status,
          rejection_reason: status === 401 ? "expired" : undefined,
          connection_attempt: 1,
        },
      });
    },
  );

  test("gives an upgrade that is not answered 10 s", async () => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, (relay) => {
      relay.onUpgrade = () => (relay.upgrades.length < 2 ? "silence" : "open");
    });
    await until(() => offered.relay.upgrades.length === 1);
    await clock.advance(9_999);
    expect(offered.waits).toHaveLength(0);
    await clock.advance(1);
    await until(() => offered.waits.length === 1);
    await clock.advance(1_000);
    await offered.offer.connected;
  });

  test.each([
    ["that can't be read", "no url", "URL is not usable"],
    ["in clear to another machine", "ws://relay.example/x?sig=1", "everybody on the way"],
  ])("waits behind a URL %s", async (_name, url, reason) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, (relay) => {
      relay.onRegister = () => ({ body: { ...relay.registration(), url } });
    });
    await advanceUntil(clock, 500, () => offered.waits.length === 3);
    expect(offered.waits[0]).toContain(reason);
    expect(offered.waits[0]).not.toContain("sig=1");
    expect(offered.relay.of("register")).toHaveLength(1);
  });
});

describe("a socket that was open", () => {
  test.each([
    [115_000, 2_000],
    [121_000, 1_000],
  ])("of %i ms is missed for %i ms the second time", async (lifetimeMs, waitMs) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock, random: () => 1 });
    const { relay } = offered;
    (await relay.socket(1)).webSocket.terminate();
    await until(() => offered.waits.length === 1);
    await clock.advance(1_000);
    const second = await relay.socket(2);
    await until(() => offered.messages().filter((message) => message.includes("connected to rendezvous")).length === 2);
    // A living relay answers pings.
    for (let passed = 0; passed < lifetimeMs; passed += 1_000) {
      await clock.advance(1_000);
      await until(() => second.pings >= Math.floor((passed + 1_000) / 30_000));
    }
    second.webSocket.terminate();
    await until(() => offered.waits.length === 2);
    await clock.advance(waitMs - 1);
    expect(relay.upgrades).toHaveLength(2);
    await clock.advance(1);
    await relay.socket(3);
  });

  test("is pinged after 30 s, and given up 60 s later when nothing comes back", async () => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, () => {});
    const socket = await offered.relay.socket();
    await offered.offer.connected;
    socket.webSocket.pause();
    await clock.advance(29_999);
    await clock.advance(1);
    let passed = 30_000;
    while (!offered.reasons().includes("pong_timeout")) {
      await clock.advance(1_000);
      passed += 1_000;
      if (passed > 200_000) throw new Error("it waits for ever");
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(passed).toBeGreaterThanOrEqual(90_000);
    expect(passed).toBeLessThanOrEqual(98_000);
    socket.webSocket.resume();
  });

  test("is told apart by how it ended", async () => {
    await using offered = await Offered.start({ random: () => 0 });
    (await offered.relay.socket(1)).webSocket.close(1000);
    await until(() => offered.reasons().includes("peer_close"));
    (await offered.relay.socket(2)).raw(new Uint8Array(262_145));
    await until(() => offered.reasons().includes("read_error"));
    await until(() => offered.messages().filter((message) => message.includes("connected to rendezvous")).length === 3);
    await offered.offer.close();
    expect(offered.reasons()).toContain("local_shutdown");
  });

  test("takes a message of 262,144 bytes", async () => {
    await using offered = await Offered.start();
    const socket = await offered.relay.socket();
    socket.raw(new Uint8Array(262_144));
    await until(() => offered.messages().some((message) => message.startsWith("dropping invalid Noise relay frame")));
    expect(socket.isClosed).toBe(false);
  });
});

describe("a later registration", () => {
  test.each([408, 429, 500, 503])("is tried again after %i, with the waits of the socket", async (status) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, (relay) => {
      relay.onUpgrade = () => (relay.upgrades.length === 2 ? { status: 401 } : "open");
      relay.onRegister = () => (relay.of("register").length === 2 ? { status } : { body: relay.registration() });
    });
    (await offered.relay.socket(1)).webSocket.terminate();
    await advanceUntil(clock, 500, () => offered.relay.sockets.length === 2);
    expect(offered.relay.of("register")).toHaveLength(3);
  });

  test.each([401, 403, 404])("ends the offer with %i", async (status) => {
    const clock = new FakeClock();
    await using offered = await Offered.start({ clock }, (relay) => {
      relay.onUpgrade = () => (relay.upgrades.length === 2 ? { status: 401 } : "open");
      relay.onRegister = () => (relay.of("register").length === 2 ? { status } : { body: relay.registration() });
    });
    let error: unknown;
    offered.offer.ended.catch((thrown: unknown) => {
      error = thrown;
    });
    (await offered.relay.socket(1)).webSocket.terminate();
    await advanceUntil(clock, 500, () => error !== undefined);
    expect(String(error)).toContain(`(${status}`);
  });
});
