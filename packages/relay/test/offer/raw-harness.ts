import { randomUUID } from "node:crypto";
import { type PublicKey, publicKeyFromJson } from "@holdfast/relay-protocol";
import { MessageReceiver, MessageSender } from "@holdfast/relay-protocol/channel";
import { type Channel, generateIdentity, type Identity, Initiator, prologueOf } from "@holdfast/relay-protocol/noise";
import { until } from "@holdfast/testkit";
import type { ExecutorEnd, SmallRelay } from "./small-relay.ts";

const KEY = generateIdentity();

export interface RawHarnessOptions {
  readonly streamId?: string;
  readonly identity?: Identity;
  readonly registrationId?: string;
  readonly environmentId?: string;
}

/** A harness that writes frames by itself, on the executor's very socket. */
export class RawHarness {
  readonly streamId: string;
  readonly socket: ExecutorEnd;
  /** Messages that came. */
  readonly messages: Uint8Array[] = [];
  channel: Channel | undefined;
  payload: string | undefined;
  readonly #initiator: Initiator;
  /** What comes under its id from then on is another's. */
  #isOver = false;
  #sender: MessageSender | undefined;
  #receiver: MessageReceiver | undefined;

  constructor(socket: ExecutorEnd, executorKey: PublicKey, options: RawHarnessOptions = {}) {
    const { streamId = randomUUID(), identity = KEY, registrationId = "reg-1", environmentId = "env-1" } = options;
    this.socket = socket;
    this.streamId = streamId;
    const prologue = prologueOf({ environmentId, registrationId, streamId });
    this.#initiator = new Initiator({ identity, remoteKey: executorKey, prologue });
    socket.onFrame((frame) => {
      if (frame.streamId !== streamId || this.#isOver) return;
      if (frame.body.kind === "reset") this.#isOver = true;
      if (frame.body.kind === "handshake" && this.channel === undefined) this.#open(frame.body.payload);
      if (frame.body.kind === "data") {
        const messages = this.#receiver?.receive(frame.body.sequence, frame.body.payload) ?? [];
        this.messages.push(...messages.map((message) => Uint8Array.from(message)));
      }
    });
  }

  firstMessage(authorization: string | Uint8Array = "auth"): Uint8Array {
    return this.#initiator.writeFirst(Buffer.from(authorization as string));
  }

  knock(authorization: string | Uint8Array = "auth"): void {
    const { streamId } = this;
    this.socket.send({ streamId, body: { kind: "resume", nextSequence: 0 } });
    this.socket.send({ streamId, body: { kind: "handshake", payload: this.firstMessage(authorization) } });
  }

  async opened(): Promise<this> {
    await until(() => this.channel !== undefined, { what: `the answer to the handshake of ${this.streamId}` });
    return this;
  }

  send(message: string | Uint8Array): void {
    this.#sender?.send(Buffer.from(message as string), (sequence, payload) => this.record(sequence, payload));
  }

  record(sequence: number, payload: Uint8Array): void {
    this.socket.send({ streamId: this.streamId, body: { kind: "data", sequence, payload } });
  }

  reset(): void {
    this.#isOver = true;
    this.socket.send({ streamId: this.streamId, body: { kind: "reset", reason: "gone" } });
  }

  texts(): readonly string[] {
    return this.messages.map((message) => Buffer.from(message).toString());
  }

  async text(count = 1): Promise<string> {
    await until(() => this.messages.length >= count, { what: `message ${count} to ${this.streamId}` });
    return this.texts()[count - 1] ?? "";
  }

  #open(message: Uint8Array): void {
    const { payload, channel } = this.#initiator.readSecond(message);
    this.payload = Buffer.from(payload).toString();
    this.channel = channel;
    this.#sender = new MessageSender(channel.sealer);
    this.#receiver = new MessageReceiver(channel.opener);
  }
}

/** The key that an executor registered with. */
export function executorKeyOf(relay: SmallRelay): PublicKey {
  return publicKeyFromJson(relay.of("register")[0]?.body.executor_public_key);
}
