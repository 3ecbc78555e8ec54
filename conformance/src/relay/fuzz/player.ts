import { encodeFrame, REGISTRY_REFUSED_PAYLOAD, type RelayFrame } from "@holdfast/relay-protocol";
import { MessageReceiver } from "@holdfast/relay-protocol/channel";
import { type Channel, generateIdentity, type Identity, Initiator, prologueOf } from "@holdfast/relay-protocol/noise";
import { seededRandom } from "../../soak/random.ts";
import { type BodyCase, type FuzzCase, type HandshakeCase, REGISTRY_ANSWERS, type RecordCase } from "./case.ts";
import { changedFrame } from "./frame-change.ts";
import { ENVIRONMENT_ID, type FuzzedExecutor, REGISTRATION_ID, REGISTRY_YES } from "./fuzzed-executor.ts";
import { laid, prefixed, request, saidWith } from "./messages.ts";
import { bytes, encodeRaw, number, type RawFrame, rawData, rawFrame, text } from "./wire-fields.ts";

/** How long nothing may be heard before nothing is what there is. */
export interface Patience {
  readonly quietMs: number;
  readonly answerMs: number;
}

/** A stream that is open and whole. */
interface Live {
  readonly streamId: string;
  readonly channel: Channel;
  readonly receiver: MessageReceiver;
  nextId: number;
}

/** What was heard of an executor during one case. */
interface Heard {
  readonly streamId: string;
  handshake: Uint8Array | undefined;
  wasReset: boolean;
  readonly others: Set<string>;
  readonly answers: string[];
  isFenced: boolean;
  isClosed: boolean;
}

function utf8(value: string): Buffer {
  return Buffer.from(value);
}

/** Plays cases to one executor, and says what came of each in words that are the same for all. */
export class Player {
  /** Handshakes that may have failed so far. */
  failures = 0;
  readonly executor: FuzzedExecutor;
  readonly #identity: Identity = generateIdentity();
  readonly #stranger: Identity = generateIdentity();
  #live: Live | undefined;
  #heard: Heard | undefined;
  #wake: () => void = () => {};

  constructor(executor: FuzzedExecutor) {
    this.executor = executor;
    executor.onFrame = (frame) => this.#take(frame);
    executor.onValidate = () => this.#wake();
  }

  get hasLive(): boolean {
    return this.#live !== undefined;
  }

  get isClosed(): boolean {
    return this.executor.isClosed;
  }

  /** Give up the stream that is open. */
  retire(): void {
    if (this.#live === undefined) return;
    this.executor.send(encodeFrame({ streamId: this.#live.streamId, body: { kind: "reset", reason: "over" } }));
    this.#live = undefined;
  }

  /** Have a stream that is open and whole. */
  async open(streamId: string, patience: Patience): Promise<void> {
    if (this.#live !== undefined) return;
    const initiator = this.#initiator(streamId);
    const heard = this.#listen(streamId);
    this.executor.answer = REGISTRY_YES;
    this.executor.send(encodeFrame({ streamId, body: { kind: "resume", nextSequence: 0 } }));
    this.executor.send(
      encodeFrame({ streamId, body: { kind: "handshake", payload: initiator.writeFirst(utf8("auth")) } }),
    );
    await this.#until(() => heard.handshake !== undefined || heard.wasReset || heard.isClosed, patience.answerMs);
    if (heard.handshake === undefined) throw new Error(`a right handshake was not answered: ${this.executor.log}`);
    const { channel } = initiator.readSecond(heard.handshake);
    this.#live = { streamId, channel, receiver: new MessageReceiver(channel.opener), nextId: 1 };
  }

  /** @param name - Unique; the same for all players. @returns what came of it. */
  async play(played: FuzzCase, name: string, patience: Patience): Promise<string> {
    if (played.stage === "handshake") return await this.#playHandshake(played, name, patience);
    const live = this.#live;
    if (live === undefined) throw new Error("no stream is open");
    return played.stage === "record"
      ? await this.#playRecords(live, played, name, patience)
      : await this.#playBody(live, played, name, patience);
  }

  async #playHandshake(played: HandshakeCase, name: string, patience: Patience): Promise<string> {
    const streamId = `s-${name}`;
    const initiator = this.#initiator(streamId, played);
    const heard = this.#listen(streamId);
    const gate = Promise.withResolvers<void>();
    this.executor.gate = gate.promise;
    this.executor.answer = REGISTRY_ANSWERS[played.answer];
    const asked = this.executor.validations;
    const payload = changedMessage(Buffer.from(initiator.writeFirst(authorizationOf(played))), played);
    const frame = rawFrame(streamId, "handshake", [bytes(1, payload)]);
    if (played.hasResume) this.executor.send(encodeFrame({ streamId, body: { kind: "resume", nextSequence: 0 } }));
    this.executor.send(changedFrame(frame, played.frame));
    for (const more of this.#followsOf(played, frame)) this.executor.send(more);
    this.#fence(name);
    // The registry waits for it, so that what follows a handshake always comes before the answer.
    await this.#until(() => heard.isFenced || heard.isClosed, patience.answerMs);
    const isAsked = (): boolean => this.executor.validations > asked;
    const isDecided = (): boolean => heard.handshake !== undefined || heard.wasReset || heard.isClosed;
    await this.#until(() => isDecided() || isAsked(), patience.quietMs);
    gate.resolve();
    this.executor.gate = undefined;
    const isCancelled = heard.wasReset || played.follow === "reset";
    if (isAsked()) await this.#until(isDecided, isCancelled ? patience.quietMs : patience.answerMs);
    let outcome = "no answer";
    if (heard.handshake !== undefined) outcome = await this.#outcomeOf(initiator, heard, patience);
    const resets = heard.others.size + (heard.wasReset ? 1 : 0);
    this.failures += Math.max(resets, outcome === "refused" ? 1 : 0) + (played.follow === "another handshake" ? 1 : 0);
    this.executor.send(encodeFrame({ streamId, body: { kind: "reset", reason: "over" } }));
    // Where the handshake was called off, the question may have gone out by then, or not.
    const question = played.follow === "nothing" ? (isAsked() ? "asked, " : "not asked, ") : "";
    return `${question}${outcome}, ${said(heard)}`;
  }

  /** A request over what was agreed on. */
  async #outcomeOf(initiator: Initiator, heard: Heard, patience: Patience): Promise<string> {
    if (heard.handshake === undefined) return "no answer";
    let second: ReturnType<Initiator["readSecond"]>;
    try {
      second = initiator.readSecond(heard.handshake);
    } catch {
      return "an answer that can't be read";
    }
    const payload = Buffer.from(second.payload).toString();
    if (payload === REGISTRY_REFUSED_PAYLOAD) return "refused";
    if (payload !== "") return `an answer that says ${payload}`;
    this.#receiver = new MessageReceiver(second.channel.opener);
    const record = second.channel.sealer.seal(prefixed(request(1)));
    this.executor.send(encodeRaw(rawData(heard.streamId, 0, record)));
    await this.#until(() => heard.answers.length > 0 || heard.wasReset || heard.isClosed, patience.answerMs);
    return "accepted";
  }

  async #playRecords(live: Live, played: RecordCase, name: string, patience: Patience): Promise<string> {
    const heard = this.#listen(live.streamId);
    this.#receiver = live.receiver;
    const first = live.nextId;
    live.nextId += 2;
    this.#firstId = first;
    const messages = [prefixed(saidWith(played.said, first), played.prefix), prefixed(request(first + 1))];
    const begin = live.channel.sealer.nextSequence;
    const records = laid(messages, played.layout).map((plaintext) => Buffer.from(live.channel.sealer.seal(plaintext)));
    const frames = changedRecords(played, records, begin).map(({ sequence, record }) =>
      rawData(live.streamId, sequence, record),
    );
    const [head] = frames;
    if (played.frame !== undefined && head !== undefined) this.executor.send(changedFrame(head, played.frame));
    for (const frame of frames) this.executor.send(encodeRaw(frame));
    await this.#settled(heard, name, patience);
    const isWhole = played.record.kind === "none" && played.prefix === "right" && heard.answers.includes("b");
    if (heard.wasReset) this.#live = undefined;
    else if (!isWhole) this.retire();
    return said(heard);
  }

  async #playBody(live: Live, played: BodyCase, name: string, patience: Patience): Promise<string> {
    const heard = this.#listen(live.streamId);
    this.#receiver = live.receiver;
    const last = live.nextId + 1;
    live.nextId += 2;
    this.#firstId = last - 1;
    this.executor.send(this.#bodyOf(live, played));
    const { sealer } = live.channel;
    const sequence = sealer.nextSequence;
    this.executor.send(encodeRaw(rawData(live.streamId, sequence, sealer.seal(prefixed(request(last))))));
    await this.#settled(heard, name, patience);
    if (played.kind === "handshake") this.failures += heard.others.size + (heard.wasReset ? 1 : 0);
    if (!heard.answers.includes("b")) this.retire();
    if (heard.wasReset || heard.isClosed) this.retire();
    return said(heard);
  }

  #bodyOf({ streamId }: Live, { kind, frame, seed }: BodyCase): Buffer | string {
    const random = seededRandom(seed);
    switch (kind) {
      case "ack":
      case "heartbeat":
        return changedFrame(rawFrame(streamId, kind, []), frame);
      case "resume":
        return changedFrame(rawFrame(streamId, kind, [number(1, random.between(0, 100))]), frame);
      case "reset":
        return changedFrame(rawFrame(streamId, kind, [text(1, "over")]), frame);
      case "handshake": {
        const payload = this.#initiator(streamId).writeFirst(utf8("auth"));
        return changedFrame(rawFrame(streamId, kind, [bytes(1, payload)]), frame);
      }
      case "text":
        return '{"version":1}';
      case "garbage":
        return random.bytes(random.between(1, 100));
      case "empty":
        return Buffer.alloc(0);
      case "large":
        // As large as may be, for a stream that nobody has.
        return encodeRaw(rawData("large", 0, Buffer.alloc(262_100, 1)));
    }
  }

  #followsOf({ follow }: HandshakeCase, frame: RawFrame): readonly (Buffer | Uint8Array)[] {
    const streamId = frame.outer[1]?.value.toString() ?? "";
    switch (follow) {
      case "nothing":
        return [];
      case "same again":
        return [encodeRaw(frame)];
      case "another handshake":
        return [
          encodeFrame({
            streamId,
            body: { kind: "handshake", payload: this.#initiator(streamId).writeFirst(utf8("other")) },
          }),
        ];
      case "data":
        return [encodeRaw(rawData(streamId, 0, Buffer.alloc(40, 1)))];
      case "reset":
        return [encodeFrame({ streamId, body: { kind: "reset", reason: "over" } })];
      case "resume":
        return [encodeFrame({ streamId, body: { kind: "resume", nextSequence: 0 } })];
      case "heartbeat":
        return [encodeFrame({ streamId, body: { kind: "heartbeat" } })];
    }
  }

  #initiator(streamId: string, played?: HandshakeCase): Initiator {
    const place = { environmentId: ENVIRONMENT_ID, registrationId: REGISTRATION_ID, streamId };
    const { message } = played ?? {};
    const prologue = prologueOf(message?.kind === "place" ? { ...place, [message.part]: "elsewhere" } : place);
    const remoteKey = message?.kind === "other executor" ? this.#stranger.publicKey : this.executor.publicKey;
    return new Initiator({ identity: this.#identity, remoteKey, prologue });
  }

  #receiver: MessageReceiver | undefined;
  #firstId = 1;

  #listen(streamId: string): Heard {
    this.#receiver = undefined;
    this.#firstId = 1;
    const heard: Heard = {
      streamId,
      handshake: undefined,
      wasReset: false,
      others: new Set(),
      answers: [],
      isFenced: false,
      isClosed: this.executor.isClosed,
    };
    this.#heard = heard;
    return heard;
  }

  #take(frame: RelayFrame | undefined): void {
    const heard = this.#heard;
    if (heard === undefined) return;
    if (frame === undefined) heard.isClosed = true;
    else if (frame.streamId.startsWith("fence-")) heard.isFenced = true;
    else if (frame.streamId !== heard.streamId)
      heard.others.add(`${frame.body.kind} ${JSON.stringify(frame.streamId)}`);
    else if (frame.body.kind === "reset") heard.wasReset = true;
    else if (frame.body.kind === "handshake") heard.handshake = frame.body.payload;
    else if (frame.body.kind === "data") this.#answered(heard, frame.body.sequence, frame.body.payload);
    else heard.answers.push(frame.body.kind);
    this.#wake();
  }

  #answered(heard: Heard, sequence: number, payload: Uint8Array): void {
    for (const message of this.#receiver?.receive(sequence, payload) ?? []) {
      const { id } = JSON.parse(Buffer.from(message).toString()) as { readonly id?: unknown };
      const known = { [this.#firstId]: "a", [this.#firstId + 1]: "b", [`text-${this.#firstId}`]: "a, by text" };
      heard.answers.push(known[String(id)] ?? JSON.stringify(id) ?? "a notice");
    }
  }

  /** Data of a stream that nobody has is answered by a reset: what was sent before has been looked at by then. */
  #fence(name: string): void {
    this.executor.send(encodeRaw(rawData(`fence-${name}`, 0, Buffer.alloc(16))));
  }

  async #settled(heard: Heard, name: string, patience: Patience): Promise<void> {
    this.#fence(name);
    const isDecided = (): boolean => heard.wasReset || heard.answers.includes("b") || heard.isClosed;
    await this.#until(() => heard.isFenced || heard.isClosed, patience.answerMs);
    await this.#until(isDecided, patience.quietMs);
  }

  /** @returns when it is so, or after `withinMs`. */
  #until(isSo: () => boolean, withinMs: number): Promise<void> {
    if (isSo()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#wake = () => {
        if (isSo()) done();
      };
    });
  }
}

function said({ wasReset, others, answers, isFenced, isClosed }: Heard): string {
  const parts = [
    // What was answered before may still be under way then, and is dropped: that is a matter of time.
    wasReset ? "reset" : `no reset, answered: ${answers.join(" and ") || "nothing"}`,
    ...(others.size === 0 ? [] : [`of others: ${[...others].sort().join(" and ")}`]),
    ...(isClosed ? ["closed"] : isFenced ? [] : ["stuck"]),
  ];
  return parts.join(", ");
}

function authorizationOf({ authorization }: HandshakeCase): Buffer {
  switch (authorization) {
    case "usual":
      return utf8("auth");
    case "empty":
      return Buffer.alloc(0);
    case "longest":
      return Buffer.alloc(4_096, "a");
    case "too long":
      return Buffer.alloc(4_097, "a");
    case "no UTF-8":
      return Buffer.from([0x61, 0xff, 0xfe]);
    case "far too long":
      return Buffer.alloc(60_000, "a");
  }
}

function changedMessage(message: Buffer, { message: change }: HandshakeCase): Buffer {
  switch (change.kind) {
    case "flip": {
      const at = change.at % message.length;
      message[at] = (message[at] ?? 0) ^ change.xor;
      return message;
    }
    case "cut":
      return message.subarray(0, -change.bytes);
    case "more":
      return Buffer.concat([message, Buffer.alloc(change.bytes, 1)]);
    default:
      return message;
  }
}

interface Numbered {
  readonly sequence: number;
  readonly record: Buffer;
}

const SEQUENCES = 2 ** 32;

function changedRecords(
  { record: change }: RecordCase,
  records: readonly Buffer[],
  begin: number,
): readonly Numbered[] {
  const plain = records.map((record, index) => ({ sequence: begin + index, record }));
  const at = "index" in change ? change.index % plain.length : 0;
  const chosen = plain[at];
  if (chosen === undefined) return plain;
  const flipped = (where: number, xor: number): Numbered => {
    const record = Buffer.from(chosen.record);
    const index = where % record.length;
    record[index] = (record[index] ?? 0) ^ xor;
    return { ...chosen, record };
  };
  switch (change.kind) {
    case "none":
      return plain;
    case "flip":
      return plain.with(at, flipped(change.at, change.xor));
    case "cut":
      return plain.with(at, { ...chosen, record: chosen.record.subarray(0, change.to) });
    case "more":
      return plain.with(at, { ...chosen, record: Buffer.concat([chosen.record, Buffer.alloc(change.bytes, 1)]) });
    case "double":
      return plain.toSpliced(at, 0, chosen);
    case "forged double":
      return plain.toSpliced(at + 1, 0, flipped(0, 1));
    case "shuffle": {
      const random = seededRandom(change.seed);
      return plain
        .map((each) => [random.between(0, 2 ** 31 - 1), each] as const)
        .sort(([one], [other]) => one - other)
        .map(([, each]) => each);
    }
    case "ahead": {
      const sequence = Math.min(begin + change.distance, SEQUENCES - 1);
      return [{ sequence, record: Buffer.alloc(change.bytes, 1) }, ...plain];
    }
    case "held": {
      const ahead = Array.from({ length: change.records }, (_, index) => ({
        sequence: begin + plain.length + 1 + index,
        record: Buffer.alloc(change.bytes, 1),
      }));
      return [...ahead, ...plain];
    }
    case "renumber": {
      const sequence = (chosen.sequence + change.by + SEQUENCES) % SEQUENCES;
      return plain.with(at, { ...chosen, sequence });
    }
  }
}
