import { EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import { expect, test } from "vitest";
import { isSessionGone } from "../../src/errors.ts";
import { behindGateway } from "../support/behind-gateway.ts";
import { settle } from "../support/connected.ts";
import { NO_ANSWER, Refusal, readResult } from "../support/fake-exec-server.ts";

test("before its handshake a client is answered as by an executor", async () => {
  await using held = behindGateway();
  const client = held.raw();
  const ask = async (method: string): Promise<unknown> => (await client.wire.ask(method, {}))?.error;
  expect(await ask("process/read")).toEqual({
    code: -32600,
    message: "client must call initialize before using exec methods",
  });
  expect(await ask("no/such")).toMatchObject({ code: -32601 });
  expect(await ask("initialize")).toEqual({ code: -32602, message: "missing field `clientName`" });
  await client.wire.ask("initialize", { clientName: "raw" });
  expect(await ask("fs/readFile")).toEqual({
    code: -32600,
    message: "client must send initialized before using filesystem methods",
  });
  expect(await ask("initialize")).toMatchObject({ message: "initialize may only be sent once per connection" });
  client.wire.send({ method: "no/notice", params: {} });
  expect((await client.wire.closed()).reason).toContain("not known");
});

test("each client has a session of its own, which is let go when its client is gone", async () => {
  await using held = behindGateway();
  const [first, second] = [held.raw(), held.raw()];
  await first.begin();
  await second.begin();
  expect(held.dialler.servers).toHaveLength(2);
  expect(held.gateway.clientCount).toBe(2);
  first.hangUp();
  await settle();
  expect(held.dialler.servers[0]?.closed).toContain("the client is gone");
  expect(held.dialler.servers[1]?.closed).toBeUndefined();
  expect(held.gateway.clientCount).toBe(1);
});

test("a client that comes back for its session resumes it, and is told what follows once over a line that breaks again", async () => {
  let nextSeq = 4;
  const output = (seq: number) => ({ seq, stream: "stdout", chunk: btoa(`${seq};`) });
  const all = () => Array.from({ length: nextSeq - 1 }, (_, index) => output(index + 1));
  await using held = behindGateway({
    initialize: ({ resumeSessionId }) => ({ sessionId: resumeSessionId ?? "s1" }),
    "process/read": ({ afterSeq }) => readResult({ chunks: all().filter(({ seq }) => seq > afterSeq), nextSeq }),
  });
  const client = held.raw();
  expect((await client.begin("s1"))?.result).toMatchObject({ sessionId: "s1" });
  const read = await client.wire.ask("process/read", { processId: "job", afterSeq: 1 });
  expect(read?.result?.chunks).toEqual([output(2), output(3)]);
  held.dialler.last.output("job", 4, "4;");
  nextSeq = 7;
  await held.cut();
  held.dialler.last.output("job", 7, "7;");
  await settle();
  expect(client.of("process/output").map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
});

test("what the executor has dropped is left out, so that its client finds a number missing", async () => {
  await using held = behindGateway();
  const client = held.raw();
  await client.begin();
  await client.wire.ask("process/start", { processId: "job", argv: ["job"], cwd: "file:///", env: {}, tty: false });
  held.dialler.last.output("job", 1, "a");
  const chunks = [{ seq: 9, stream: "stdout", chunk: btoa("i") }];
  held.dialler.plans.push({
    "process/read": () => readResult({ chunks, nextSeq: 11, exited: true, exitCode: 5, closed: true }),
  });
  await held.cut();
  await settle();
  expect(client.wire.received.filter(({ method }) => method !== undefined).map(({ params }) => params?.seq)).toEqual([
    1, 9, 10,
  ]);
  expect(held.dialler.last.of("process/terminate")).toEqual([]);
});

test("a process that the executor has forgotten ends behind a number that is missing", async () => {
  await using held = behindGateway();
  const executor = await held.connect();
  const process = await executor.processes.start({ argv: ["job"] });
  held.dialler.last.output(process.id, 1, "a");
  await settle();
  const forgotten = () => {
    throw new Refusal(-32600, `unknown process id ${process.id}`);
  };
  held.dialler.plans.push({ "process/read": forgotten });
  await held.cut();
  const ended = expect(process.closed).rejects.toThrow("no longer retained");
  await held.clock.advance(1_000);
  await ended;
});

test("a session that is gone for good ends its client's connection, and says why", async () => {
  await using held = behindGateway();
  const executor = await held.connect({ recovery: false });
  held.dialler.plans.push({
    initialize: () => {
      throw new Refusal(-32600, "unknown session id session-1");
    },
  });
  await held.cut();
  expect((await executor.closed).reason).toContain("unknown session id session-1");
});

test("the end of the executor itself is told in its own words", async () => {
  await using held = behindGateway();
  const executor = await held.connect({ recovery: false });
  const process = await executor.processes.start({ argv: ["job"] });
  held.dialler.last.hangUp(EXECUTOR_SHUTDOWN.code, EXECUTOR_SHUTDOWN.reason);
  const error: unknown = await process.closed.catch((thrown: unknown) => thrown);
  expect(isSessionGone(error)).toBe(true);
});

test("a client that begins hears why there is no executor; one that resumes waits", async () => {
  await using held = behindGateway();
  held.dialler.plans.push(...Array.from({ length: 500 }, () => "nobody" as const));
  const [first, second] = [held.raw(), held.raw()];
  const begun = first.begin();
  const resumed = second.begin("session-1");
  await held.clock.advance(9_000);
  expect((await begun)?.error?.message).toContain("ECONNREFUSED");
  held.dialler.plans.length = 0;
  await held.clock.advance(1_000);
  expect((await resumed)?.result).toMatchObject({ sessionId: "session-1" });
});

test("an executor that refuses the session is heard at once", async () => {
  await using held = behindGateway({
    initialize: () => {
      throw new Refusal(-32010, "session s is already attached to another connection");
    },
  });
  const client = held.raw();
  const refused = client.begin("s");
  await held.clock.advance(700_000);
  expect((await refused)?.error).toMatchObject({ code: -32603 });
});

test("a read that waits is answered however long it takes", async () => {
  await using held = behindGateway({ "process/read": () => NO_ANSWER });
  const client = held.raw();
  await client.begin();
  await client.wire.ask("process/start", { processId: "job", argv: ["job"], cwd: "file:///", env: {}, tty: false });
  const read = client.wire.ask("process/read", { processId: "job", afterSeq: 0, waitMs: 3_600_000 });
  await settle();
  await held.clock.advance(3_000_000);
  const { id } = held.dialler.last.received.find(({ method }) => method === "process/read") ?? {};
  held.dialler.last.send({ id, result: readResult({ nextSeq: 1 }) });
  expect((await read)?.result).toMatchObject({ nextSeq: 1 });
});
