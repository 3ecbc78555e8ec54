import { decodeFrame, encodeFrame } from "@holdfast/relay-protocol";
import { MessageReceiver, MessageSender } from "@holdfast/relay-protocol/channel";
import { generateIdentity, Initiator, prologueOf, Responder } from "@holdfast/relay-protocol/noise";
import { expect, test } from "vitest";

test("messages of both sides arrive as they were", () => {
  const executor = generateIdentity();
  const prologue = prologueOf({ environmentId: "env-1", registrationId: "reg-1", streamId: "stream-1" });
  const initiator = new Initiator({ identity: generateIdentity(), remoteKey: executor.publicKey, prologue });
  const responder = new Responder({ identity: executor, prologue });
  responder.readFirst(initiator.writeFirst(Buffer.from("auth")));
  const { message, channel: there } = responder.writeSecond();
  const { channel: here } = initiator.readSecond(message);
  const sender = new MessageSender(here.sealer);
  const receiver = new MessageReceiver(there.opener);
  for (const bytes of [1, 61_436, 61_437, 266_703, 3_000_000]) {
    const text = Buffer.alloc(bytes, "abcdefg");
    const received: Uint8Array[] = [];
    sender.send(text, (sequence, payload) => {
      const frame = decodeFrame(encodeFrame({ streamId: "stream-1", body: { kind: "data", sequence, payload } }));
      if (frame.body.kind !== "data") throw new Error(frame.body.kind);
      received.push(...receiver.receive(frame.body.sequence, frame.body.payload));
    });
    expect(received).toHaveLength(1);
    expect(Buffer.compare(received[0] ?? Buffer.of(), text)).toBe(0);
  }
});
