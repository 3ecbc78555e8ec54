import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  decodeFrame,
  encodeFrame,
  type PublicKey,
  publicKeyFromJson,
  publicKeysEqual,
  publicKeyToJson,
  RESET_REASON,
  type RelayFrameBody,
  readConnectRequest,
  SECURITY_PROFILE,
} from "@holdfast/relay-protocol";
import { isBinaryMessage, MessageReceiver, MessageSender } from "@holdfast/relay-protocol/channel";
import { type Channel, generateIdentity, type Identity, prologueOf, Responder } from "@holdfast/relay-protocol/noise";
import { BinaryFrame, type FramePort, type FrameReceiver, Inbox, type OutboundFrame } from "@holdfast/rpc";
import { listenWebSocket, type WebSocketListener } from "@holdfast/rpc/websocket";

/** What one request to the registry met. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly harnessKey: PublicKey;
}

/** How the registry answers the next request. */
export type RegistryPlan =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly change: (bundle: Record<string, unknown>) => unknown }
  | "silence"
  | "reset";

/** What the executor does about the next handshake. */
export type HandshakePlan = "reset" | "silence" | "data first" | "text" | "another key" | { readonly payload: string };

/** One stream of the executor, as a frame port: it tells nothing of closes, which a relay does not carry either. */
export class StreamPort implements FramePort {
  readonly transport = "websocket";
  readonly carriesBinary = true;
  readonly peerName = "";
  readonly streamId: string;
  readonly socket: FramePort;
  /** Changes what is sent, or takes it away; may send more. */
  tamper: ((frame: Uint8Array<ArrayBuffer>, sequence: number) => readonly Uint8Array[]) | undefined;
  readonly #sender: MessageSender;
  readonly #receiver: MessageReceiver;
  readonly #inbox = new Inbox(() => this.socket.resume());

  constructor(socket: FramePort, streamId: string, { sealer, opener }: Channel) {
    this.socket = socket;
    this.streamId = streamId;
    this.#sender = new MessageSender(sealer);
    this.#receiver = new MessageReceiver(opener);
  }

  get queuedBytes(): number {
    return this.socket.queuedBytes;
  }

  get writable(): boolean {
    return this.socket.writable;
  }

  open(receiver: FrameReceiver): void {
    this.#inbox.open(receiver);
  }

  send(frame: OutboundFrame): void {
    const bytes = frame instanceof BinaryFrame ? frame.whole() : Buffer.from(frame);
    this.#sender.send(bytes, (sequence, record) => {
      const whole = encodeFrame({ streamId: this.streamId, body: { kind: "data", sequence, payload: record } });
      for (const each of this.tamper?.(whole, sequence) ?? [whole]) this.socket.send(new BinaryFrame([each]));
    });
  }

  /** Say something besides the channel. */
  say(body: RelayFrameBody, streamId = this.streamId): void {
    this.socket.send(new BinaryFrame([encodeFrame({ streamId, body })]));
  }

  take(sequence: number, payload: Uint8Array): void {
    for (const message of this.#receiver.receive(sequence, payload)) {
      this.#inbox.frame(isBinaryMessage(message) ? new BinaryFrame([message]) : Buffer.from(message).toString());
    }
  }

  drained(): void {
    this.#inbox.drained();
  }

  gone(): void {
    this.#inbox.closeAfterKept({ initiator: "remote", reason: "the stream is over" });
  }

  pause(): void {
    this.#inbox.pause();
    this.socket.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  close(): void {
    this.socket.close(1000, "");
  }

  destroy(reason: string): void {
    this.socket.destroy(reason);
  }
}

/**
 * A registry, a rendezvous and an executor behind them, in one: it answers as planned, and hands every stream on as a port. It checks what a relay and an
 * executor check: bundles are good for one handshake, of the key that asked for them.
 */
export class RelayedExecutor implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  /** Plans of the next requests; when they are used up, all get a bundle. */
  readonly plans: RegistryPlan[] = [];
  /** Statuses of the next upgrades. */
  readonly upgrades: number[] = [];
  readonly upgradeHeaders: IncomingHttpHeaders[] = [];
  readonly upgradeUrls: string[] = [];
  readonly handshakes: HandshakePlan[] = [];
  /** Those that were completed, in order. */
  readonly streams: StreamPort[] = [];
  /** Ids of all streams that were begun. */
  readonly streamIds: string[] = [];
  /** Of the executor; another one is put here when it is started anew. */
  identity: Identity = generateIdentity();
  registrationId = "reg-1";
  readonly #environmentId: string;
  readonly #onStream: (port: StreamPort) => void;
  readonly #bundles = new Map<string, { readonly key: PublicKey; readonly identity: Identity; readonly reg: string }>();
  readonly #registry = createServer((request, response) => void this.#answer(request, response));
  #rendezvous: WebSocketListener | undefined;
  #bundlesGiven = 0;

  private constructor(environmentId: string, onStream: (port: StreamPort) => void) {
    this.#environmentId = environmentId;
    this.#onStream = onStream;
  }

  static async start(
    onStream: (port: StreamPort) => void,
    { environmentId = "env-1", highWaterBytes }: { environmentId?: string; highWaterBytes?: number } = {},
  ): Promise<RelayedExecutor> {
    const relay = new RelayedExecutor(environmentId, onStream);
    await new Promise<void>((resolve) => void relay.#registry.listen(0, "127.0.0.1", resolve));
    relay.#rendezvous = await listenWebSocket({
      host: "127.0.0.1",
      port: 0,
      maxMessageBytes: 262_144,
      routes: { handshake: "/meet" },
      highWaterBytes,
      onPort: (port) => relay.#meet(port),
      authorize: (request) => {
        relay.upgradeHeaders.push(request.headers);
        relay.upgradeUrls.push(request.url ?? "");
        const status = relay.upgrades.shift();
        if (status !== undefined) return { refusal: { status, body: "" } };
        return { principal: { name: "anybody" } };
      },
    });
    return relay;
  }

  get registryUrl(): string {
    return `http://127.0.0.1:${(this.#registry.address() as AddressInfo).port}`;
  }

  /** For `connect`. */
  get address(): string {
    return `relay+${this.registryUrl}/${this.#environmentId}`;
  }

  get socketUrl(): string {
    return `${this.#rendezvous?.url}/meet`;
  }

  get last(): StreamPort {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error("there is no stream yet");
    return stream;
  }

  /** Cut the newest socket. */
  cut(): void {
    this.last.socket.destroy("the test cuts it");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#registry.closeAllConnections();
    await new Promise<void>((resolve) => void this.#registry.close(() => resolve()));
    for (const { socket } of this.streams) socket.destroy("the test is over");
    await this.#rendezvous?.[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const asked = readConnectRequest(JSON.parse(Buffer.concat(chunks).toString()));
    const harnessKey = publicKeyFromJson(asked.harness_public_key);
    this.requests.push({ path: request.url ?? "", headers: request.headers, harnessKey });
    const plan = this.plans.shift();
    if (plan === "silence") return;
    if (plan === "reset") {
      request.socket.destroy();
      return;
    }
    if (plan !== undefined && "status" in plan) {
      const body = typeof plan.body === "string" ? plan.body : JSON.stringify(plan.body ?? {});
      response.writeHead(plan.status, plan.headers).end(body);
      return;
    }
    this.#bundlesGiven += 1;
    const authorization = `authorization-${this.#bundlesGiven}`;
    this.#bundles.set(authorization, { key: harnessKey, identity: this.identity, reg: this.registrationId });
    const bundle = {
      environment_id: this.#environmentId,
      url: `${this.socketUrl}?role=harness&n=${this.#bundlesGiven}`,
      security_profile: SECURITY_PROFILE,
      executor_registration_id: this.registrationId,
      executor_public_key: publicKeyToJson(this.identity.publicKey),
      harness_key_authorization: authorization,
      later: "members are ignored",
    };
    const changed = plan === undefined ? bundle : plan.change(bundle);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(typeof changed === "string" ? changed : JSON.stringify(changed));
  }

  #meet(socket: FramePort): void {
    let stream: StreamPort | undefined;
    socket.open({
      frame: (frame) => {
        if (!(frame instanceof BinaryFrame)) throw new Error("a harness sends binary messages alone");
        const { streamId, body } = decodeFrame(frame.whole());
        if (body.kind === "data") stream?.take(body.sequence, body.payload);
        if (body.kind === "resume") this.streamIds.push(streamId);
        if (body.kind === "handshake") stream = this.#shakeHands(socket, streamId, body.payload);
      },
      drained: () => stream?.drained(),
      closed: () => stream?.gone(),
    });
  }

  #shakeHands(socket: FramePort, streamId: string, first: Uint8Array): StreamPort | undefined {
    const say = (body: RelayFrameBody) => socket.send(new BinaryFrame([encodeFrame({ streamId, body })]));
    const reset = () => say({ kind: "reset", reason: RESET_REASON });
    const plan = this.handshakes.shift();
    if (plan === "silence") return undefined;
    if (plan === "text") socket.send("text");
    if (plan === "data first") say({ kind: "data", sequence: 0, payload: new Uint8Array(32) });
    const prologue = prologueOf({ environmentId: this.#environmentId, registrationId: this.registrationId, streamId });
    const responder = new Responder({ identity: this.identity, prologue });
    const { payload, remoteKey } = responder.readFirst(first);
    const bundle = this.#bundles.get(Buffer.from(payload).toString());
    this.#bundles.delete(Buffer.from(payload).toString());
    if (bundle === undefined || !publicKeysEqual(bundle.key, remoteKey) || plan === "reset") {
      reset();
      return undefined;
    }
    const answer = typeof plan === "object" ? Buffer.from(plan.payload) : undefined;
    const { message, channel } = responder.writeSecond(answer);
    if (plan === "another key") message[0] = (message[0] ?? 0) ^ 1;
    say({ kind: "heartbeat", hold: false });
    // Of another stream: a harness does not look at it.
    socket.send(new BinaryFrame([encodeFrame({ streamId: "other", body: { kind: "reset", reason: "x" } })]));
    say({ kind: "handshake", payload: message });
    if (plan !== undefined) return undefined;
    const stream = new StreamPort(socket, streamId, channel);
    this.streams.push(stream);
    this.#onStream(stream);
    return stream;
  }
}
