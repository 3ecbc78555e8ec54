import { randomBytes, randomUUID } from "node:crypto";
import { encodeFrame, type PublicKey, publicKeyToJson, RELAY_LIMITS } from "@holdfast/relay-protocol";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  type Authorization,
  type ExecutorRoute,
  type HarnessRoute,
  type Registration,
  RegistrationConflict,
  type RelayStores,
} from "../../src/service/index.ts";
import { dataFrame, RecordingExecutor, RecordingHarness, sequencesOf } from "./recording-ends.ts";

/** Two nodes of one relay; a relay that is one process gives itself twice. */
export interface StoreNodes extends AsyncDisposable {
  readonly here: RelayStores;
  readonly there: RelayStores;
}

export interface StoreNodesOptions {
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Fresh environments are taken for each test: the nodes of several tests may share what is stored. */
export type StoreNodesFactory = (options: StoreNodesOptions) => Promise<StoreNodes>;

export interface StoreTraits {
  /** Why it can not be tried here. Default: it can. */
  readonly skipBecause?: string | undefined;
}

/** The tests that whatever is behind the service must pass. Call it inside a vitest file, with a factory of nodes. */
export function portsContract(name: string, factory: StoreNodesFactory, traits: StoreTraits = {}): void {
  const why = traits.skipBecause;
  describe.skipIf(why !== undefined)(`${name} behind the relay${why === undefined ? "" : `, skipped: ${why}`}`, () => {
    describeSecret(factory);
    describeRegistrations(factory);
    describeAuthorizations(factory);
    describeFrames(factory);
    describeStreams(factory);
    describeHolds(factory);
    describeFullSockets(factory);
    describeReplacement(factory);
    describeEnd(factory);
  });
}

const START = { now: () => Date.now() };

function describeSecret(factory: StoreNodesFactory): void {
  test("has one signing secret of 32 random bytes on all nodes", async () => {
    await using nodes = await factory(START);
    expect(nodes.here.signingSecret).toHaveLength(32);
    expect(nodes.there.signingSecret).toEqual(nodes.here.signingSecret);
    expect(new Set(nodes.here.signingSecret).size).toBeGreaterThan(8);
    expect(nodes.here.isReady()).toBe(true);
    expect(nodes.there.isReady()).toBe(true);
  });
}

function describeRegistrations(factory: StoreNodesFactory): void {
  test("finds no registration where none was made", async () => {
    await using nodes = await factory(START);
    expect(await nodes.there.registrations.get(environment())).toBeUndefined();
  });

  test("gives a registration back whole, on every node, as soon as it is put", async () => {
    await using nodes = await factory(START);
    const made = registration(environment());
    await nodes.here.registrations.put(made);
    expect(plain(await nodes.there.registrations.get(made.environmentId))).toEqual(plain(made));
    expect(plain(await nodes.here.registrations.get(made.environmentId))).toEqual(plain(made));
  });

  test("has the newest registration of an environment, from whichever node it came", async () => {
    await using nodes = await factory(START);
    const environmentId = environment();
    await nodes.here.registrations.put(registration(environmentId));
    const newer = registration(environmentId);
    await nodes.there.registrations.put(newer);
    expect(plain(await nodes.here.registrations.get(environmentId))).toEqual(plain(newer));
    const newest = registration(environmentId);
    await nodes.here.registrations.put(newest);
    expect(plain(await nodes.there.registrations.get(environmentId))).toEqual(plain(newest));
  });

  test.each(["a.b", "a b", "*", ">", "$SYS", "..", "ä/ö", "A".repeat(512), " a", "a", "A", "\u0000"])(
    "keeps environments apart by every character of their ids: %j",
    async (strange) => {
      await using nodes = await factory(START);
      const environmentId = `${strange}${environment()}`;
      const made = registration(environmentId);
      await nodes.here.registrations.put(made);
      expect(plain(await nodes.there.registrations.get(environmentId))).toEqual(plain(made));
      expect(await nodes.there.registrations.get(`${environmentId}.`)).toBeUndefined();
      expect(await nodes.there.registrations.get(environmentId.slice(strange.length))).toBeUndefined();
    },
  );

  test("keeps one of many registrations at once that it said it wrote", async () => {
    await using nodes = await factory(START);
    const environmentId = environment();
    const tries = Array.from({ length: 16 }, () => registration(environmentId));
    const outcomes = await Promise.allSettled(
      tries.map((made, index) => (index % 2 === 0 ? nodes.here : nodes.there).registrations.put(made)),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toBeInstanceOf(RegistrationConflict);
    const written = tries.filter((_, index) => outcomes[index]?.status === "fulfilled");
    expect(written).not.toHaveLength(0);
    const kept = await nodes.here.registrations.get(environmentId);
    expect(written.map(plain)).toContainEqual(plain(kept));
    expect(plain(await nodes.there.registrations.get(environmentId))).toEqual(plain(kept));
  });
}

function describeAuthorizations(factory: StoreNodesFactory): void {
  test("gives an authorization to whoever asks first, on whichever node, and to nobody else", async () => {
    await using nodes = await factory(START);
    const made = authorization(Date.now() + 60_000);
    const digest = freshDigest();
    await nodes.here.authorizations.issue(digest, made);
    expect(plain(await nodes.there.authorizations.consume(digest))).toEqual(plain(made));
    expect(await nodes.there.authorizations.consume(digest)).toBeUndefined();
    expect(await nodes.here.authorizations.consume(digest)).toBeUndefined();
  });

  test("gives an authorization to one of many that ask at once", async () => {
    await using nodes = await factory(START);
    const digest = freshDigest();
    await nodes.here.authorizations.issue(digest, authorization(Date.now() + 60_000));
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        (index % 2 === 0 ? nodes.here : nodes.there).authorizations.consume(digest),
      ),
    );
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  test("knows no authorization that was not issued", async () => {
    await using nodes = await factory(START);
    expect(await nodes.here.authorizations.consume(freshDigest())).toBeUndefined();
  });

  test("gives no authorization from the millisecond on at which it ends", async () => {
    let nowMs = 1_800_000_000_000;
    await using nodes = await factory({ now: () => nowMs });
    const [early, late] = [freshDigest(), freshDigest()];
    await nodes.here.authorizations.issue(early, authorization(nowMs + 60_000));
    await nodes.here.authorizations.issue(late, authorization(nowMs + 60_000));
    nowMs += 59_999;
    expect(await nodes.there.authorizations.consume(early)).toBeDefined();
    nowMs += 1;
    expect(await nodes.there.authorizations.consume(late)).toBeUndefined();
    nowMs -= 1;
    expect(await nodes.here.authorizations.consume(late)).toBeUndefined();
  });
}

function describeFrames(factory: StoreNodesFactory): void {
  test("carries frames both ways at once, unchanged and in order", async () => {
    await using joined = await join(factory);
    const { executor, harness, streamId } = joined;
    const count = 500;
    for (let sequence = 0; sequence < count; sequence += 1) {
      joined.toExecutor.send(dataFrame(streamId, sequence, 1_000));
      expect(joined.toHarnesses.send(streamId, dataFrame(streamId, sequence, 999))).toBe(true);
    }
    await until(() => executor.dataOf(streamId).length === count && harness.frames.length === count);
    const sent = executor.dataOf(streamId);
    for (let sequence = 0; sequence < count; sequence += 1) {
      expect(same(sent[sequence], dataFrame(streamId, sequence, 1_000))).toBe(true);
      expect(same(harness.frames[sequence], dataFrame(streamId, sequence, 999))).toBe(true);
    }
  });

  test("carries a message of the most bytes that a socket may send", async () => {
    await using joined = await join(factory);
    const { executor, harness, streamId } = joined;
    const overhead = dataFrame(streamId, 1, 200_000).byteLength - 200_000;
    const largest = dataFrame(streamId, 1, RELAY_LIMITS.maxMessageBytes - overhead);
    expect(largest.byteLength).toBe(RELAY_LIMITS.maxMessageBytes);
    joined.toExecutor.send(largest);
    joined.toHarnesses.send(streamId, largest);
    await until(() => executor.frames.length === 1 && harness.frames.length === 1);
    expect(same(executor.frames[0]?.frame, largest)).toBe(true);
    expect(same(harness.frames[0], largest)).toBe(true);
  });

  test("keeps what it was given, whatever the sender does with the memory next", async () => {
    await using joined = await join(factory);
    const { harness, streamId } = joined;
    const memory = Uint8Array.from(dataFrame(streamId, 7, 100));
    const before = Uint8Array.from(memory);
    const other = Uint8Array.from(dataFrame(streamId, 8, 100));
    joined.toHarnesses.send(streamId, memory);
    joined.toHarnesses.send(streamId, other);
    await until(() => harness.frames.length === 2);
    expect(same(harness.frames[0], before)).toBe(true);
  });

  test("keeps the streams of one executor apart", async () => {
    await using joined = await join(factory);
    const other = new RecordingHarness();
    const otherId = randomUUID();
    const otherRoute = await openedOn(joined.there, joined.made.registrationId, otherId, other);
    joined.toHarnesses.send(joined.streamId, dataFrame(joined.streamId, 1));
    joined.toHarnesses.send(otherId, dataFrame(otherId, 2));
    otherRoute.send(dataFrame(otherId, 3));
    await until(() => joined.harness.frames.length === 1 && other.frames.length === 1);
    await until(() => joined.executor.frames.length === 1);
    expect(sequencesOf(joined.harness.frames)).toEqual([1]);
    expect(sequencesOf(other.frames)).toEqual([2]);
    expect(joined.executor.frames[0]?.streamId).toBe(otherId);
  });

  test("drops a frame of an executor for a stream that nobody has", async () => {
    await using joined = await join(factory);
    const stranger = randomUUID();
    expect(joined.toHarnesses.send(stranger, dataFrame(stranger, 0))).toBe(false);
  });

  test("carries any text that may be a stream's id", async () => {
    await using joined = await join(factory);
    for (const streamId of ["a.b", "*", ">", " x ", "ä\u0000", "s".repeat(4_000)]) {
      const harness = new RecordingHarness();
      const route = await openedOn(joined.there, joined.made.registrationId, streamId, harness);
      route.send(dataFrame(streamId, 1));
      await until(() => joined.executor.payloadsOf(streamId).length === 1);
      expect(joined.toHarnesses.send(streamId, dataFrame(streamId, 2))).toBe(true);
      await until(() => harness.frames.length === 1);
    }
  });
}

function describeStreams(factory: StoreNodesFactory): void {
  test("refuses a stream to a registration without a socket", async () => {
    await using nodes = await factory(START);
    const made = registration(environment());
    expect(await nodes.here.routes.isConnected(made.registrationId)).toBe(false);
    const answer = await nodes.here.routes.openStream(made.registrationId, randomUUID(), new RecordingHarness());
    expect(answer).toBe("no-executor");
  });

  test("knows on every node whether a registration's socket is there", async () => {
    await using joined = await join(factory);
    expect(await joined.here.routes.isConnected(joined.made.registrationId)).toBe(true);
    expect(await joined.there.routes.isConnected(joined.made.registrationId)).toBe(true);
    await joined.toHarnesses.close();
    expect(await joined.here.routes.isConnected(joined.made.registrationId)).toBe(false);
    await until(async () => !(await joined.there.routes.isConnected(joined.made.registrationId)));
  });

  test("refuses a second owner of a stream, and leaves the first as it is", async () => {
    await using joined = await join(factory);
    const { made, streamId, harness, here, there } = joined;
    const thief = new RecordingHarness();
    expect(await here.routes.openStream(made.registrationId, streamId, thief)).toBe("stream-taken");
    expect(await there.routes.openStream(made.registrationId, streamId, thief)).toBe("stream-taken");
    joined.toHarnesses.send(streamId, dataFrame(streamId, 1));
    await until(() => harness.frames.length === 1);
    expect(thief.frames).toEqual([]);
    expect(harness.endings).toEqual([]);
  });

  test("gives a stream to one of many that claim it at once", async () => {
    await using joined = await join(factory);
    const streamId = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? joined.here : joined.there).routes.openStream(
          joined.made.registrationId,
          streamId,
          new RecordingHarness(),
        ),
      ),
    );
    expect(answers.filter((answer) => typeof answer !== "string")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "stream-taken")).toHaveLength(7);
  });

  test("has room for 128 streams of an executor, and for another one when one closes", async () => {
    await using joined = await join(factory);
    const { made, here, there } = joined;
    const routes: HarnessRoute[] = [];
    for (let index = 1; index < RELAY_LIMITS.maxStreams; index += 1) {
      const node = index % 2 === 0 ? here : there;
      routes.push(await openedOn(node, made.registrationId, randomUUID(), new RecordingHarness()));
    }
    const open = () => there.routes.openStream(made.registrationId, randomUUID(), new RecordingHarness());
    expect(await open()).toBe("too-many-streams");
    expect(await here.routes.openStream(made.registrationId, randomUUID(), new RecordingHarness())).toBe(
      "too-many-streams",
    );
    await routes[0]?.close();
    await until(async () => typeof (await open()) !== "string");
  });

  test("tells the executor by a reset that a harness's socket is gone, once, and the id is free", async () => {
    await using joined = await join(factory);
    const { executor, streamId, made, there } = joined;
    joined.toExecutor.send(dataFrame(streamId, 1));
    await joined.toExecutor.close();
    await joined.toExecutor.close();
    await until(() => executor.resetsOf(streamId).length > 0);
    expect(executor.resetsOf(streamId)).toHaveLength(1);
    expect(executor.resetsOf(streamId)[0]).not.toBe("");
    expect(executor.bodiesOf(streamId).map(({ kind }) => kind)).toEqual(["data", "reset"]);
    expect(joined.toHarnesses.send(streamId, dataFrame(streamId, 2))).toBe(false);
    expect(joined.harness.frames).toEqual([]);
    expect(joined.harness.endings).toEqual([]);
    const again = new RecordingHarness();
    await openedOn(there, made.registrationId, streamId, again);
    joined.toHarnesses.send(streamId, dataFrame(streamId, 3));
    await until(() => again.frames.length === 1);
  });

  test("passes a reset of the executor on as it is", async () => {
    await using joined = await join(factory);
    const { streamId, harness } = joined;
    const reset = encodeFrame({ streamId, body: { kind: "reset", reason: "noise_relay_protocol_error" } });
    joined.toHarnesses.send(streamId, reset);
    await until(() => harness.frames.length === 1);
    expect(same(harness.frames[0], reset)).toBe(true);
  });
}

function describeHolds(factory: StoreNodesFactory): void {
  test("asks the executor to hold a stream whose harness is slow, and to go on", async () => {
    await using joined = await join(factory);
    const { executor, streamId } = joined;
    joined.toExecutor.hold(true);
    await until(() => executor.holdsOf(streamId).length === 1);
    joined.toExecutor.hold(false);
    await until(() => executor.holdsOf(streamId).length === 2);
    expect(executor.holdsOf(streamId)).toEqual([true, false]);
  });

  test("asks the harness's socket to wait where the executor's is full, and no other stream", async () => {
    await using joined = await join(factory);
    const other = new RecordingHarness();
    const otherId = randomUUID();
    await openedOn(joined.there, joined.made.registrationId, otherId, other);
    joined.toHarnesses.hold(joined.streamId, true);
    await until(() => joined.harness.holds.length === 1);
    joined.toHarnesses.hold(joined.streamId, false);
    await until(() => joined.harness.holds.length === 2);
    expect(joined.harness.holds).toEqual([true, false]);
    expect(other.holds).toEqual([]);
  });

  test("loses nothing of a stream that sends on while it is held", async () => {
    await using joined = await join(factory);
    const { harness, streamId } = joined;
    joined.toExecutor.hold(true);
    for (let sequence = 0; sequence < 20; sequence += 1) {
      joined.toHarnesses.send(streamId, dataFrame(streamId, sequence));
    }
    await until(() => harness.frames.length === 20);
    expect(sequencesOf(harness.frames)).toEqual(Array.from({ length: 20 }, (_, sequence) => sequence));
  });

  test("does nothing about a hold of a stream that nobody has", async () => {
    await using joined = await join(factory);
    joined.toHarnesses.hold(randomUUID(), true);
    joined.toHarnesses.send(joined.streamId, dataFrame(joined.streamId, 1));
    await until(() => joined.harness.frames.length === 1);
    expect(joined.harness.holds).toEqual([]);
  });
}

function describeFullSockets(factory: StoreNodesFactory): void {
  test("ends a stream, for both sides, when the executor's socket takes no more of it, and no other stream", async () => {
    await using joined = await join(factory);
    const { executor, streamId } = joined;
    const other = new RecordingHarness();
    const otherId = randomUUID();
    const otherRoute = await openedOn(joined.there, joined.made.registrationId, otherId, other);
    executor.isFull = true;
    joined.toExecutor.send(dataFrame(streamId, 1));
    await until(() => joined.harness.endings.length === 1);
    executor.isFull = false;
    expect(executor.refused.map(({ kind }) => kind)).toContain("reset");
    expect(joined.toHarnesses.send(streamId, dataFrame(streamId, 1))).toBe(false);
    joined.toExecutor.send(dataFrame(streamId, 2));
    otherRoute.send(dataFrame(otherId, 3));
    await until(() => executor.payloadsOf(otherId).length === 1);
    expect(executor.payloadsOf(streamId)).toEqual([]);
    expect(other.endings).toEqual([]);
  });
}

function describeReplacement(factory: StoreNodesFactory): void {
  test.each(["here", "there"] as const)(
    "lets a newer socket of the same registration take the place of the old one, %s",
    async (where) => {
      await using joined = await join(factory);
      const newer = new RecordingExecutor();
      const route = await joined[where].routes.attachExecutor(joined.made, newer);
      await until(() => joined.executor.replacements > 0 && joined.harness.endings.length > 0);
      await until(() => joined.here.routes.isConnected(joined.made.registrationId));
      await joined.toHarnesses.close();
      expect(joined.executor.replacements).toBe(1);
      expect(joined.harness.endings).toHaveLength(1);
      expect(joined.harness.endings[0]).not.toBe("");
      const harness = new RecordingHarness();
      const streamId = randomUUID();
      const toExecutor = await openedOn(joined.here, joined.made.registrationId, streamId, harness);
      toExecutor.send(dataFrame(streamId, 1));
      await until(() => newer.payloadsOf(streamId).length === 1);
      expect(newer.replacements).toBe(0);
      expect(joined.executor.payloadsOf(streamId)).toEqual([]);
      await route.close();
    },
  );

  test.each(["here", "there"] as const)(
    "sends the socket of an older registration of the environment away, %s",
    async (where) => {
      await using joined = await join(factory);
      const made = registration(joined.made.environmentId);
      const newer = new RecordingExecutor();
      await joined[where].routes.attachExecutor(made, newer);
      await until(() => joined.executor.replacements === 1 && joined.harness.endings.length === 1);
      expect(await joined.here.routes.isConnected(joined.made.registrationId)).toBe(false);
      await until(() => joined.there.routes.isConnected(made.registrationId));
      expect(newer.replacements).toBe(0);
    },
  );

  test("leaves the sockets of other environments alone", async () => {
    await using joined = await join(factory);
    const other = new RecordingExecutor();
    await joined.there.routes.attachExecutor(registration(environment()), other);
    joined.toHarnesses.send(joined.streamId, dataFrame(joined.streamId, 1));
    await until(() => joined.harness.frames.length === 1);
    expect(joined.executor.replacements + other.replacements).toBe(0);
  });

  test("sends nothing of a socket that was replaced", async () => {
    await using joined = await join(factory);
    await joined.there.routes.attachExecutor(joined.made, new RecordingExecutor());
    await until(() => joined.executor.replacements === 1);
    await until(() => joined.harness.endings.length === 1);
    expect(joined.toHarnesses.send(joined.streamId, dataFrame(joined.streamId, 1))).toBe(false);
  });
}

function describeEnd(factory: StoreNodesFactory): void {
  test("ends the streams of an executor whose socket is gone", async () => {
    await using joined = await join(factory);
    const { harness, executor, streamId } = joined;
    joined.toHarnesses.send(streamId, dataFrame(streamId, 1));
    await joined.toHarnesses.close();
    await until(() => harness.endings.length > 0);
    expect(sequencesOf(harness.frames)).toEqual([1]);
    expect(harness.endings).toHaveLength(1);
    joined.toExecutor.send(dataFrame(streamId, 2));
    joined.toExecutor.hold(true);
    await joined.toExecutor.close();
    expect(executor.frames).toEqual([]);
    expect(executor.replacements).toBe(0);
  });

  test("ends every stream when a node is left, for the ends on both nodes", async () => {
    await using joined = await join(factory);
    await joined.there[Symbol.asyncDispose]();
    await joined.there[Symbol.asyncDispose]();
    await until(() => joined.harness.endings.length === 1);
    const answer = await joined.there.routes.openStream(
      joined.made.registrationId,
      randomUUID(),
      new RecordingHarness(),
    );
    expect(["unavailable", "no-executor"]).toContain(answer);
  });
}

interface Joined extends StoreNodes {
  readonly made: Registration;
  readonly executor: RecordingExecutor;
  readonly toHarnesses: ExecutorRoute;
  readonly harness: RecordingHarness;
  readonly toExecutor: HarnessRoute;
  readonly streamId: string;
}

/** An executor `here` and one harness's stream to it `there`. */
async function join(factory: StoreNodesFactory): Promise<Joined> {
  const nodes = await factory(START);
  const made = registration(environment());
  const executor = new RecordingExecutor();
  const harness = new RecordingHarness();
  const streamId = randomUUID();
  const toHarnesses = await nodes.here.routes.attachExecutor(made, executor);
  await until(() => nodes.there.routes.isConnected(made.registrationId));
  const toExecutor = await openedOn(nodes.there, made.registrationId, streamId, harness);
  return {
    here: nodes.here,
    there: nodes.there,
    made,
    executor,
    toHarnesses,
    harness,
    toExecutor,
    streamId,
    [Symbol.asyncDispose]: () => nodes[Symbol.asyncDispose](),
  };
}

async function openedOn(
  node: RelayStores,
  registrationId: string,
  streamId: string,
  harness: RecordingHarness,
): Promise<HarnessRoute> {
  const route = await node.routes.openStream(registrationId, streamId, harness);
  if (typeof route === "string") throw new Error(`the stream was refused: ${route}`);
  return route;
}

function environment(): string {
  return `env-${randomUUID()}`;
}

export function registration(environmentId: string): Registration {
  return {
    environmentId,
    registrationId: randomUUID(),
    executorKey: publicKey(),
    owner: "of a test",
    registeredAt: Date.now(),
  };
}

function authorization(expiresAt: number): Authorization {
  return {
    environmentId: environment(),
    registrationId: randomUUID(),
    harnessKey: publicKey(),
    client: "of a test",
    expiresAt,
  };
}

function publicKey(): PublicKey {
  return { x25519: Uint8Array.from(randomBytes(32)), mlKem768: Uint8Array.from(randomBytes(1_184)) };
}

/** With its key as text: a key may be any kind of byte array. */
function plain(stored: Registration | Authorization | undefined): unknown {
  if (stored === undefined) return undefined;
  if ("executorKey" in stored) return { ...stored, executorKey: publicKeyToJson(stored.executorKey) };
  return { ...stored, harnessKey: publicKeyToJson(stored.harnessKey) };
}

function same(bytes: Uint8Array | undefined, others: Uint8Array): boolean {
  return bytes !== undefined && Buffer.compare(bytes, others) === 0;
}

function freshDigest(): string {
  return randomBytes(32).toString("base64url");
}
