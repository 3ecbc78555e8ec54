import { encodeFrame, type RelayFrameBody } from "@holdfast/relay-protocol";
import { type Channel, generateIdentity, Initiator, prologueOf, Responder } from "@holdfast/relay-protocol/noise";
import { BinaryFrame, type Clock, type FramePort, systemClock } from "@holdfast/rpc";
import { framePortContract, type PortPair, type PortPairOptions, RecordingReceiver } from "@holdfast/rpc/testing";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { RelayPort } from "../../src/relay/relay-port.ts";

interface Ends {
  /** What the relay has of the client's socket. */
  readonly relay: FramePort;
}

function channels(): readonly [Channel, Channel] {
  const executor = generateIdentity();
  const prologue = prologueOf({ environmentId: "e", registrationId: "r", streamId: "s" });
  const initiator = new Initiator({ identity: generateIdentity(), remoteKey: executor.publicKey, prologue });
  const responder = new Responder({ identity: executor, prologue });
  responder.readFirst(initiator.writeFirst(Buffer.from("a")));
  const { message, channel } = responder.writeSecond();
  return [initiator.readSecond(message).channel, channel];
}

function portOver(socket: FramePort, channel: Channel, clock: Clock): RelayPort {
  let port: RelayPort | undefined;
  socket.open({
    frame: (frame) => port?.receive(frame),
    drained: () => port?.drained(),
    closed: (close) => port?.closed(close),
  });
  port = new RelayPort({ socket, streamId: "s", channel, peerName: "far", clock });
  return port;
}

/** Two ends of one channel over a real websocket, which no relay is between. */
async function pairOf(options: PortPairOptions = {}, clock: Clock = systemClock): Promise<PortPair & Ends> {
  const accepted = Promise.withResolvers<FramePort>();
  const bounds = { ...options, maxMessageBytes: 262_144 };
  const listener = await listenWebSocket({ ...bounds, host: "127.0.0.1", port: 0, onPort: accepted.resolve });
  const near = await connectWebSocket(listener.url, bounds);
  const far = await accepted.promise;
  const [client, executor] = channels();
  const [left, right] = [portOver(near, client, clock), portOver(far, executor, clock)];
  return {
    left,
    right,
    relay: far,
    async [Symbol.asyncDispose]() {
      left.destroy("done");
      right.destroy("done");
      await listener[Symbol.asyncDispose]();
    },
  };
}

framePortContract("a channel through a relay", pairOf, { carriesClose: false, carriesBinary: "of length" });

const say = (port: FramePort, body: RelayFrameBody, streamId = "s") =>
  port.send(new BinaryFrame([encodeFrame({ streamId, body })]));

async function opened(clock?: Clock) {
  const pair = await pairOf({}, clock);
  const [atLeft, atRight] = [new RecordingReceiver(), new RecordingReceiver()];
  pair.left.open(atLeft);
  pair.right.open(atRight);
  return { ...pair, atLeft, atRight };
}

test("carries binary messages beside texts, in several records, and is done with their memory at once", async () => {
  await using pair = await opened();
  const bytes = Buffer.alloc(1_000_000, "b");
  const head = Buffer.from([0, 0, 0, 2, 0x7b, 0x7d]);
  let isTaken = false;
  pair.left.send(
    new BinaryFrame([head, bytes], () => {
      isTaken = true;
      bytes.fill("x");
    }),
  );
  expect(isTaken).toBe(true);
  pair.left.send("{}");
  await pair.atRight.framesArrived(2);
  expect(pair.atRight.binaries.map((each) => Buffer.from(each).toString())).toEqual([
    `${head.toString()}${"b".repeat(1_000_000)}`,
  ]);
  expect(pair.atRight.frames[1]).toBe("{}");
});

test("says to nobody on the way why it closes", async () => {
  await using pair = await opened();
  pair.left.close(4001, "secret of the far command");
  const { reason } = await pair.atRight.closedOnce();
  expect(reason).toBe("the relay's socket: peer closed the connection (1000)");
  expect(pair.atRight.closes[0]?.code).toBeUndefined();
});

test("a relay can not pose as an executor that ends itself", async () => {
  await using pair = await opened();
  pair.relay.close(1001, "the executor is shutting down");
  const close = await pair.atLeft.closedOnce();
  expect(close.code).toBeUndefined();
  expect(close.reason).toBe("the relay's socket: peer closed the connection (1001): the executor is shutting down");
});

test("looks at no frame of another stream, nor at those that say nothing", async () => {
  await using pair = await opened();
  say(pair.relay, { kind: "reset", reason: "other" }, "other");
  say(pair.relay, { kind: "data", sequence: 0, payload: new Uint8Array(40) }, "other");
  say(pair.relay, { kind: "ack" });
  say(pair.relay, { kind: "resume", nextSequence: 7 });
  say(pair.relay, { kind: "heartbeat" });
  say(pair.relay, { kind: "heartbeat", hold: true });
  pair.right.send("here");
  expect(await pair.atLeft.framesArrived(1)).toEqual(["here"]);
});

test.each<[string, (relay: FramePort) => void, string]>([
  [
    "a reset, whatever it says",
    (relay) => say(relay, { kind: "reset", reason: "all is well" }),
    "Noise relay stream reset",
  ],
  [
    "a handshake",
    (relay) => say(relay, { kind: "handshake", payload: new Uint8Array(9) }),
    "a handshake came in the middle of the stream",
  ],
  ["a text", (relay) => relay.send("{}"), "the relay sent a text message, which no frame is"],
  [
    "garbage",
    (relay) => relay.send(new BinaryFrame([Buffer.from([255, 255, 255])])),
    "failed to decode relay message frame",
  ],
  [
    "another version",
    (relay) => relay.send(new BinaryFrame([Buffer.from("0802120173", "hex")])),
    "unsupported relay message frame version 2",
  ],
  ["a record of somebody else", (relay) => say(relay, { kind: "data", sequence: 0, payload: new Uint8Array(64) }), ""],
  [
    "a record far ahead",
    (relay) => say(relay, { kind: "data", sequence: 65, payload: new Uint8Array(64) }),
    "Noise relay ciphertext exceeds reorder window",
  ],
  [
    "a record that is none",
    (relay) => say(relay, { kind: "data", sequence: 0, payload: new Uint8Array(15) }),
    "too short",
  ],
])("%s breaks it, and nothing is sent or delivered afterwards", async (_name, does, reason) => {
  await using pair = await opened();
  does(pair.relay);
  pair.right.send("too late");
  const close = await pair.atLeft.closedOnce();
  expect(close.initiator).toBe("fault");
  expect(close.reason).toContain(reason);
  expect(pair.left.isEnding).toBe(true);
  pair.left.send("never");
  await pair.atRight.closedOnce();
  expect([pair.atLeft.frames, pair.atRight.frames]).toEqual([[], []]);
});

test("notices an executor that says nothing any more, though the relay still answers", async () => {
  const clock = new FakeClock();
  await using pair = await opened(clock);
  let asked = 0;
  pair.left.askForSigns?.(() => {
    asked += 1;
    if (asked <= 3) pair.right.send("still here");
  });
  for (let minute = 0; minute < 3; minute += 1) {
    await clock.advance(20_000);
    await pair.atLeft.framesArrived(minute + 1);
  }
  // The relay can make frames, and no records.
  for (let silentMs = 0; silentMs < 100_000 && pair.atLeft.closes.length === 0; silentMs += 1_000) {
    say(pair.relay, { kind: "heartbeat" });
    await clock.advance(1_000);
  }
  await until(() => pair.atLeft.closes.length > 0);
  expect(pair.atLeft.closes[0]).toMatchObject({
    initiator: "fault",
    reason: "nothing was heard from the peer for 60000 ms",
  });
});
