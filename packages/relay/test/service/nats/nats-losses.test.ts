import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { FakeClock, missingForNats, type NatsServers, startNatsServers, tempDir, until } from "@holdfast/testkit";
import { connect } from "@nats-io/transport-node";
import { describe, expect, test } from "vitest";
import type { HarnessRoute, RelayStores } from "../../../src/service/index.ts";
import { connectNats, type NatsOptions } from "../../../src/service/nats/index.ts";
import { registration } from "../ports-contract.ts";
import { dataFrame, RecordingExecutor, RecordingHarness } from "../recording-ends.ts";

describe.skipIf(missingForNats !== undefined)("a relay on NATS servers that fail", () => {
  test("ends the streams of a node whose server is killed, for both ends, and has them again afterwards", async () => {
    await using trial = await Trial.start(3);
    const { here, there, executor } = trial;
    const stream = await trial.opened();
    await trial.servers.servers[0]?.kill();
    await until(() => stream.harness.endings.length === 1 && executor.resetsOf(stream.id).length === 1);
    await until(() => here.isReady());
    await until(async () => await there.routes.isConnected(trial.made.registrationId), { deadlineMs: 20_000 });
    const again = await trial.opened();
    again.route.send(dataFrame(again.id, 1));
    await until(() => executor.payloadsOf(again.id).length === 1);
    expect(executor.replacements).toBe(0);
    expect(stream.harness.endings).toHaveLength(1);
  });

  test("answers at once while no server is there, and works again with the same registrations afterwards", async () => {
    await using trial = await Trial.start(1);
    const { here, made, executor } = trial;
    await here.registrations.put(made);
    await trial.servers.servers[0]?.kill();
    await until(() => !here.isReady());
    const beganMs = performance.now();
    await expect(here.registrations.get(made.environmentId)).rejects.toThrow("no NATS server can be reached");
    await expect(here.registrations.put(made)).rejects.toThrow("no NATS server can be reached");
    await expect(here.authorizations.consume("x")).rejects.toThrow("no NATS server can be reached");
    await expect(here.routes.isConnected("elsewhere")).rejects.toThrow("no NATS server can be reached");
    await expect(here.routes.attachExecutor(made, executor)).rejects.toThrow("cut off");
    expect(await here.routes.openStream("elsewhere", "stream", new RecordingHarness())).toBe("unavailable");
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    await trial.servers.servers[0]?.start();
    await until(() => here.isReady());
    const found = await until(() => here.registrations.get(made.environmentId));
    expect(found.registrationId).toBe(made.registrationId);
  });

  test("keeps a stream between two sockets of one node while no server is there", async () => {
    await using trial = await Trial.start(1);
    const harness = new RecordingHarness();
    const route = await trial.here.routes.openStream(trial.made.registrationId, "near", harness);
    if (typeof route === "string") throw new Error(route);
    await trial.servers.servers[0]?.kill();
    await until(() => !trial.here.isReady());
    route.send(dataFrame("near", 1));
    trial.toHarnesses.send("near", dataFrame("near", 2));
    expect(trial.executor.payloadsOf("near")).toHaveLength(1);
    expect(harness.frames).toHaveLength(1);
    expect(harness.endings).toEqual([]);
  });

  test("sends executors away from a node that stays without servers", async () => {
    const clock = new FakeClock();
    await using trial = await Trial.start(1, { clock });
    await trial.servers.servers[0]?.kill();
    await until(() => !trial.here.isReady());
    await clock.advance(29_000);
    expect(trial.executor.replacements).toBe(0);
    await clock.advance(2_000);
    expect(trial.executor.replacements).toBe(1);
  });

  test("answers within seconds while the leader of the store is gone, and then as before", async () => {
    await using trial = await Trial.start(3);
    const { there, made } = trial;
    await there.registrations.put(made);
    // Not the one that `there` is connected to: whether it leads is a matter of chance, and either is fine.
    await trial.servers.servers[2]?.kill();
    const slowestMs: number[] = [];
    await until(
      async () => {
        const beganMs = performance.now();
        const answer = await there.registrations.put(made).catch((error: Error) => error);
        slowestMs.push(performance.now() - beganMs);
        return !(answer instanceof Error);
      },
      { deadlineMs: 25_000 },
    );
    expect(Math.max(...slowestMs)).toBeLessThan(4_500);
  });

  test("ends a stream of whose frames one was lost, for both ends, and no other", async () => {
    await using lossy = await LossyTrial.start();
    const { trial } = lossy;
    const broken = await trial.opened();
    const whole = await trial.opened();
    whole.route.send(dataFrame(whole.id, 0));
    broken.route.send(dataFrame(broken.id, 0));
    await until(() => trial.executor.payloadsOf(broken.id).length === 1);
    lossy.dropNextOver(10_000);
    broken.route.send(dataFrame(broken.id, 1, 10_000));
    await until(() => lossy.dropped === 1);
    broken.route.send(dataFrame(broken.id, 2));
    await until(() => broken.harness.endings.length === 1 && trial.executor.resetsOf(broken.id).length === 1);
    expect(broken.harness.endings[0]).toContain("lost");
    expect(trial.executor.payloadsOf(broken.id)).toHaveLength(1);
    whole.route.send(dataFrame(whole.id, 1));
    await until(() => trial.executor.payloadsOf(whole.id).length === 2);
    expect(whole.harness.endings).toEqual([]);
  });

  test("finds a loss after which nothing follows", { tags: "long" }, async () => {
    await using lossy = await LossyTrial.start();
    const { trial } = lossy;
    const stream = await trial.opened();
    lossy.dropNextOver(10_000);
    stream.route.send(dataFrame(stream.id, 0, 10_000));
    await until(() => stream.harness.endings.length === 1, { deadlineMs: 20_000 });
    await until(() => trial.executor.resetsOf(stream.id).length === 1);
  });

  test("does nothing about what is no message of a relay", async () => {
    await using trial = await Trial.start(1);
    const stream = await trial.opened();
    const stranger = await connect({ servers: trial.servers.servers[0]?.url.replace("nats://", "") ?? "" });
    const subjects = new Set<string>();
    const watch = stranger.subscribe("holdfast.relay.>", { callback: (_, { subject }) => void subjects.add(subject) });
    await stranger.flush();
    stream.route.send(dataFrame(stream.id, 0));
    await until(() => [...subjects].some((subject) => subject.includes(".node.")));
    watch.unsubscribe();
    for (const subject of [...subjects, "holdfast.relay.attached", "holdfast.relay.node.x.y"]) {
      if (subject.includes(".node.")) continue;
      for (const text of ["", "{", "null", "[]", '{"environment":7}', '{"kind":"open"}', "\u0000"]) {
        stranger.publish(subject, text, { reply: "nobody" });
      }
    }
    await stranger.flush();
    await stranger.close();
    stream.route.send(dataFrame(stream.id, 1));
    await until(() => trial.executor.payloadsOf(stream.id).length === 2);
    expect(trial.executor.replacements).toBe(0);
  });

  test("asks an executor to hold when more is sent than goes between the nodes, and ends a stream that does not", async () => {
    await using trial = await Trial.start(1);
    const stream = await trial.opened();
    await trial.servers.servers[0]?.pause(true);
    let sent = 0;
    while (trial.toHarnesses.send(stream.id, dataFrame(stream.id, sent, 200_000)) && sent < 100) sent += 1;
    await trial.servers.servers[0]?.pause(false);
    expect(trial.executor.holdsOf(stream.id)).toEqual([true]);
    expect(trial.executor.resetsOf(stream.id)).toHaveLength(1);
    expect(sent).toBeLessThan(60);
    await until(() => stream.harness.endings.length === 1);
  });

  test("asks an executor that holds to go on when all of it has arrived", async () => {
    await using trial = await Trial.start(1);
    const stream = await trial.opened();
    for (let sequence = 0; sequence < 10; sequence += 1) {
      trial.toHarnesses.send(stream.id, dataFrame(stream.id, sequence, 100_000));
    }
    expect(trial.executor.holdsOf(stream.id)).toEqual([true]);
    await until(() => trial.executor.holdsOf(stream.id).length === 2);
    expect(trial.executor.holdsOf(stream.id)).toEqual([true, false]);
    await until(() => stream.harness.frames.length === 10);
  });

  test("sends the socket away that an executor left while its node could not be told", async () => {
    await using lossy = await LossyTrial.start();
    const { here, there } = lossy.trial;
    const made = registration(`env-${randomUUID()}`);
    const [old, newer] = [new RecordingExecutor(), new RecordingExecutor()];
    await there.routes.attachExecutor(made, old);
    await lossy.whileCut(async () => {
      await until(() => !there.isReady());
      await here.routes.attachExecutor(made, newer);
    });
    await until(() => old.replacements === 1);
    await until(() => there.routes.isConnected(made.registrationId));
    expect(newer.replacements).toBe(0);
  });

  test("refuses servers whose messages are too short for its frames", async () => {
    await using dir = await tempDir();
    await using servers = await startNatsServers(dir.path, { config: "max_payload: 65536" });
    await expect(connectNats({ url: servers.url })).rejects.toThrow("max_payload is 65536 bytes; a relay needs 263168");
  });

  test("signs in as its URL says, and tells when it may not", async () => {
    await using dir = await tempDir();
    await using servers = await startNatsServers(dir.path, { config: 'authorization { user: me, password: "a/b" }' });
    await expect(connectNats({ url: servers.url })).rejects.toThrow(/^NATS at .*: .*[Aa]uthorization/);
    await using node = await connectNats({ url: servers.url.replace("nats://", "nats://me:a%2Fb@") });
    expect(node.isReady()).toBe(true);
  });

  test("says what it lacks where the servers have no JetStream", { tags: "long" }, async () => {
    await using dir = await tempDir();
    await using servers = await startNatsServers(dir.path, { hasJetStream: false });
    await expect(connectNats({ url: servers.url })).rejects.toThrow(/^NATS at .*: .*jetstream/i);
  });

  test("does not wait for a server that was stopped where it is", async () => {
    await using trial = await Trial.start(1);
    await trial.servers.servers[0]?.pause(true);
    const beganMs = performance.now();
    await expect(trial.here.registrations.get("any")).rejects.toThrow("does not answer");
    await expect(trial.here.routes.attachExecutor(trial.made, trial.executor)).rejects.toThrow("no NATS server");
    await trial.here[Symbol.asyncDispose]();
    expect(performance.now() - beganMs).toBeLessThan(9_000);
  });

  test("tells in one line what is wrong with the servers, and no password", async () => {
    const secret = "pass-word";
    await expect(connectNats({ url: `nats://me:${secret}@127.0.0.1:1` })).rejects.toThrow(
      /^NATS at nats:\/\/127\.0\.0\.1:1: (?!.*pass-word).*refused/,
    );
    await expect(connectNats({ url: `http://me:${secret}@127.0.0.1:1` })).rejects.toThrow(
      "NATS server: write it as nats://host:port or tls://host:port",
    );
  });
});

class Trial implements AsyncDisposable {
  readonly made = registration(`env-${randomUUID()}`);
  readonly executor = new RecordingExecutor();
  readonly servers: NatsServers;
  readonly here: RelayStores;
  readonly there: RelayStores;
  toHarnesses!: Awaited<ReturnType<RelayStores["routes"]["attachExecutor"]>>;
  readonly #stack: AsyncDisposableStack;

  constructor(servers: NatsServers, here: RelayStores, there: RelayStores, stack: AsyncDisposableStack) {
    this.servers = servers;
    this.here = here;
    this.there = there;
    this.#stack = stack;
  }

  /** Two nodes, each at a server of its own where there are several, and an executor `here`. */
  static async start(
    count: number,
    options: Partial<NatsOptions> = {},
    through?: (url: string) => string,
  ): Promise<Trial> {
    const stack = new AsyncDisposableStack();
    const dir = stack.use(await tempDir());
    const servers = stack.use(await startNatsServers(dir.path, { count }));
    const urls = servers.servers.map(({ url }) => url);
    const [first = "", second = first] = urls;
    const here = stack.use(await connectNats({ ...options, url: first }));
    const there = stack.use(await connectNats({ ...options, url: through?.(first) ?? second }));
    const trial = new Trial(servers, here, there, stack);
    trial.toHarnesses = await here.routes.attachExecutor(trial.made, trial.executor);
    await until(() => there.routes.isConnected(trial.made.registrationId));
    return trial;
  }

  /** A stream of a harness `there`. */
  async opened(): Promise<{ readonly id: string; readonly harness: RecordingHarness; readonly route: HarnessRoute }> {
    const id = randomUUID();
    const harness = new RecordingHarness();
    const route = await this.there.routes.openStream(this.made.registrationId, id, harness);
    if (typeof route === "string") throw new Error(`the stream was refused: ${route}`);
    return { id, harness, route };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Where `there` reaches its server through something that loses what it is told to, as a server does for a slow consumer. */
class LossyTrial implements AsyncDisposable {
  readonly trial: Trial;
  readonly #line: LossyLine;

  constructor(trial: Trial, line: LossyLine) {
    this.trial = trial;
    this.#line = line;
  }

  static async start(): Promise<LossyTrial> {
    const line = new LossyLine();
    await line.listen();
    const trial = await Trial.start(1, {}, (url) => line.to(url));
    return new LossyTrial(trial, line);
  }

  get dropped(): number {
    return this.#line.dropped;
  }

  dropNextOver(bytes: number): void {
    this.#line.dropOverBytes = bytes;
  }

  async whileCut(act: () => Promise<void>): Promise<void> {
    this.#line.cut(true);
    await act();
    this.#line.cut(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.trial[Symbol.asyncDispose]();
    this.#line.close();
  }
}

/** Forwards the lines of a client to a server, but for one `PUB` that is longer than asked for. */
class LossyLine {
  dropped = 0;
  dropOverBytes = Number.POSITIVE_INFINITY;
  #target = 0;
  #isCut = false;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#accept(socket));

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  to(url: string): string {
    this.#target = Number(new URL(url).port);
    const address = this.#server.address();
    return `nats://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  cut(isCut: boolean): void {
    this.#isCut = isCut;
    if (isCut) for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    const server = connectSocket(this.#target, "127.0.0.1");
    for (const one of [socket, server]) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        socket.destroy();
        server.destroy();
      });
    }
    server.pipe(socket);
    let waiting = Buffer.alloc(0);
    socket.on("data", (data: Buffer) => {
      waiting = Buffer.concat([waiting, data]);
      for (;;) {
        const length = wholeLength(waiting);
        if (length === undefined) return;
        const message = waiting.subarray(0, length);
        waiting = waiting.subarray(length);
        if (message.length > this.dropOverBytes) {
          this.dropOverBytes = Number.POSITIVE_INFINITY;
          this.dropped += 1;
        } else server.write(message);
      }
    });
  }
}

/** Of the first message with its payload, or nothing where it is not all there. */
function wholeLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf("\r\n");
  if (end < 0) return undefined;
  const words = bytes.subarray(0, end).toString().split(" ");
  const payload = /^H?PUB$/.test(words[0] ?? "") ? Number(words.at(-1)) + 2 : 0;
  const length = end + 2 + payload;
  return bytes.length < length ? undefined : length;
}
