import { HOLDS_STREAMS_HEADER, RELAY_LIMITS } from "@holdfast/relay-protocol";
import { generateIdentity } from "@holdfast/relay-protocol/noise";
import { BinaryFrame } from "@holdfast/rpc";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Offered } from "./offered.ts";

describe("an executor that is offered", () => {
  test("registers with its key and its token, and opens the socket that it is told of, with neither", async () => {
    await using offered = await Offered.start();
    await offered.offer.connected;
    const { relay } = offered;
    const [call] = relay.calls;
    expect(call).toMatchObject({
      path: "/cloud/environment/env-1/register",
      headers: { authorization: "Bearer token-1", "content-type": "application/json", accept: "*/*" },
      body: { security_profile: "noise_hybrid_ik_v1" },
    });
    expect(Object.keys(call?.body.executor_public_key)).toEqual(["suite", "x25519_public_key", "mlkem768_public_key"]);
    const [upgrade] = relay.upgrades;
    expect(upgrade?.[":path"]).toBe("/socket?role=environment&sig=secret-1");
    expect(upgrade?.["x-request-id"]).toMatch(/^req_[0-9a-f]{32}$/);
    expect(upgrade?.[HOLDS_STREAMS_HEADER]).toBe("1");
    for (const name of ["authorization", "origin", "sec-websocket-extensions", "sec-websocket-protocol"]) {
      expect(upgrade?.[name]).toBeUndefined();
    }
    expect(offered.offer.url).toBe(`relay+${relay.url}/env-1`);
  });

  test("asks about who knocks, and serves it as a stream of its own", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined({ streamId: "stream-1" });
    const [call] = offered.relay.of("validate");
    expect(call).toMatchObject({
      path: "/cloud/environment/env-1/validate",
      headers: { authorization: "Bearer token-1", "x-codex-noise-stream-id": "stream-1" },
      body: { executor_registration_id: "reg-1", harness_key_authorization: "auth" },
    });
    expect(harness.payload).toBe("");
    harness.send('{"id":1}');
    await until(() => served.frames.length === 1);
    expect(Buffer.from(served.frames[0] as Uint8Array).toString()).toBe('{"id":1}');
    served.port.send('{"result":"é"}');
    expect(await harness.text()).toBe('{"result":"é"}');
  });

  test("calls a harness by the digest of its key, the same each time", async () => {
    await using offered = await Offered.start();
    const [first, again] = [await offered.joined(), await offered.joined()];
    const other = await offered.joined({ identity: generateIdentity() });
    expect(first.served.principal).toMatch(/^harness [0-9a-f]{12}$/);
    expect(again.served.principal).toBe(first.served.principal);
    expect(other.served.principal).not.toBe(first.served.principal);
  });

  test("cuts what it says at 60 KiB, each message from a record of its own on", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const message = "x".repeat(266_703 - 4 * 16 - 16 - 4);
    served.port.send(message);
    served.port.send("{}");
    expect(await harness.text(2)).toBe("{}");
    expect(harness.texts()[0]).toBe(message);
    const sizes = harness.socket
      .of(harness.streamId, "data")
      .map(({ body }) => body.kind === "data" && body.payload.length);
    expect(sizes).toEqual([61_456, 61_456, 61_456, 61_456, 20_879, 22]);
  });

  test("carries bytes behind JSON in both directions, and gives their memory back", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const bytes = new Uint8Array(200_000).fill(7);
    let taken = 0;
    served.port.send(
      new BinaryFrame([Buffer.from([0, 0, 0, 2, 123, 125]), bytes], () => {
        taken += 1;
      }),
    );
    await harness.text();
    expect(harness.messages[0]?.length).toBe(200_006);
    expect(harness.messages[0]?.subarray(0, 7)).toEqual(new Uint8Array([0, 0, 0, 2, 123, 125, 7]));
    expect(taken).toBe(1);
    harness.send(Uint8Array.from([0, 0, 0, 2, 123, 125, 9]));
    await until(() => served.frames.length === 1);
    expect(served.frames[0]).toBeInstanceOf(BinaryFrame);
  });

  test("ends a stream that its executor closes after what was queued, by a reset", async () => {
    await using offered = await Offered.start();
    const { harness, served } = await offered.joined();
    const message = "y".repeat(3_000_000);
    served.port.send(message);
    served.port.close(1000, "bye");
    await harness.socket.reset(harness.streamId);
    expect(harness.texts()).toEqual([message]);
    expect(served.close).toMatchObject({ initiator: "local", reason: "bye" });
    expect(offered.offer.streamCount).toBe(0);
  });

  test("loses every stream with the socket, and comes back with the same key", async () => {
    await using offered = await Offered.start({ random: () => 0 });
    const { harness, served } = await offered.joined();
    harness.socket.webSocket.terminate();
    await until(() => served.close !== undefined);
    expect(served.close?.initiator).toBe("fault");
    expect(served.close?.reason).toContain("the line to the relay is gone");
    await offered.relay.socket(2);
    expect(offered.relay.of("register")).toHaveLength(1);
    const { harness: next, served: later } = await offered.joined();
    next.send("{}");
    await until(() => later.frames.length === 1);
  });

  test("says nothing of tokens, authorizations, queries and contents", async () => {
    await using offered = await Offered.start({ credential: () => "the-token" }, (relay) => {
      relay.onValidate = ({ body }) => ({ status: 500, body: JSON.stringify(body) });
    });
    const harness = await offered.harness();
    harness.knock("the-authorization");
    await harness.socket.reset(harness.streamId);
    harness.socket.webSocket.terminate();
    await until(() => offered.waits.length > 0);
    const told = JSON.stringify([offered.lines, offered.waits]);
    for (const secret of ["the-token", "the-authorization", "sig=", "secret-1"]) expect(told).not.toContain(secret);
  });

  test("leaves at once when it is closed, with what streams had queued", async () => {
    const offered = await Offered.start();
    const { harness, served } = await offered.joined();
    served.port.send("last");
    served.port.close(1000, "shutdown");
    await offered.offer.close();
    await offered.offer.ended;
    await until(() => harness.socket.isClosed);
    expect(harness.texts()).toEqual(["last"]);
    await offered.relay[Symbol.asyncDispose]();
  });

  test("refuses what is longer than a message may be, to the byte", async () => {
    await using offered = await Offered.start();
    const { served, harness } = await offered.joined();
    served.port.send(new Uint8Array(RELAY_LIMITS.maxRpcMessageBytes + 1));
    await harness.socket.reset(harness.streamId);
    expect(served.close?.reason).toBe("Noise relay JSON-RPC message has invalid length");
  });
});
