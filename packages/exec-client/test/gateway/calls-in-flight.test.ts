import { expect, test } from "vitest";
import { behindGateway } from "../support/behind-gateway.ts";
import { settle } from "../support/connected.ts";
import { NO_ANSWER, Refusal, readResult } from "../support/fake-exec-server.ts";

const START = { processId: "job", argv: ["job"], cwd: "file:///", env: {}, tty: false };
const MKDIR = { path: "file:///srv/new" };

test("a call that may have been done is refused in words that say so, one that changes nothing is made again", async () => {
  await using held = behindGateway({ "fs/createDirectory": () => NO_ANSWER, "fs/getMetadata": () => NO_ANSWER });
  const client = held.raw();
  await client.begin();
  const made = client.wire.ask("fs/createDirectory", MKDIR);
  const asked = client.wire.ask("fs/getMetadata", MKDIR);
  await settle();
  const metadata = { isDirectory: true, isFile: false, isSymlink: false, size: 0, createdAtMs: 0, modifiedAtMs: 0 };
  held.dialler.plans.push({ "fs/getMetadata": () => metadata });
  await held.cut();
  expect((await made)?.error).toEqual({
    code: -32603,
    message:
      "the connection to the executor was lost: peer closed the connection: the server went away; " +
      "fs/createDirectory was on its way, and may have been done or not",
    data: { holdfast: { code: "ECONNRESET" } },
  });
  expect((await asked)?.result).toEqual(metadata);
});

test("calls wait while there is no executor, and go out in their order", async () => {
  await using held = behindGateway({ "fs/createDirectory": () => ({}) });
  const client = held.raw();
  await client.begin();
  held.dialler.plans.push("nobody", "nobody", "nobody");
  await held.cut();
  const answers = ["a", "b", "c"].map((name) => client.wire.ask("fs/createDirectory", { path: `file:///${name}` }));
  await held.clock.advance(2_000);
  expect((await Promise.all(answers)).map((answer) => answer?.result)).toEqual([{}, {}, {}]);
  expect(held.dialler.last.of("fs/createDirectory").map(({ path }) => path)).toEqual([
    "file:///a",
    "file:///b",
    "file:///c",
  ]);
});

test("a start on a line that broke is taken up where the executor has it", async () => {
  await using held = behindGateway({ "process/start": () => NO_ANSWER });
  const client = held.raw();
  await client.begin();
  const started = client.wire.ask("process/start", START);
  await settle();
  const chunks = [{ seq: 1, stream: "stdout", chunk: btoa("hello") }];
  held.dialler.plans.push({ "process/read": () => readResult({ chunks, nextSeq: 2 }) });
  await held.cut();
  expect((await started)?.result).toEqual({ processId: "job" });
  held.dialler.last.output("job", 2, " world");
  await settle();
  expect(client.of("process/output").map(({ seq }) => seq)).toEqual([1, 2]);
  expect(client.wire.outputOf("job")).toBe("hello world");
  expect(held.dialler.last.of("process/start")).toEqual([]);
});

test("a start that the executor never saw is made anew after a short outage, and refused after a long one", async () => {
  const unknown = () => {
    throw new Refusal(-32600, "unknown process id job");
  };
  for (const [outageMs, isAgain] of [
    [1_000, true],
    [20_000, false],
  ] as const) {
    await using held = behindGateway({ "process/read": unknown });
    held.dialler.plans.push({ "process/start": () => NO_ANSWER });
    const client = held.raw();
    await client.begin();
    const started = client.wire.ask("process/start", START);
    await settle();
    held.dialler.plans.push(...Array.from({ length: outageMs / 250 }, () => "nobody" as const));
    await held.cut();
    await held.clock.advance(outageMs + 1_000);
    const answer = await started;
    expect(held.dialler.last.of("process/start")).toHaveLength(isAgain ? 1 : 0);
    if (isAgain) expect(answer?.result).toEqual({ processId: "job" });
    else expect(answer?.error?.message).toMatch(/may have been done or not$/);
  }
});

test("a terminate is told to the executor again", async () => {
  await using held = behindGateway({ "process/terminate": () => ({ running: true }) });
  held.dialler.plans.push({ "process/terminate": () => NO_ANSWER });
  const client = held.raw();
  await client.begin();
  const ended = client.wire.ask("process/terminate", { processId: "job" });
  await settle();
  await held.cut();
  expect((await ended)?.result).toEqual({ running: true });
});

test("refusals, and members that only newer peers know, pass as they are", async () => {
  const refuse = () => {
    throw new Refusal(-32004, "No such file", { holdfast: { code: "ENOENT" }, more: [1] });
  };
  const environmentInfo = { shell: { name: "sh", path: "/bin/sh" }, capabilities: { flying: true }, new: { a: 1 } };
  await using held = behindGateway({
    initialize: () => ({ sessionId: "s", environmentInfo, also: 2 }),
    "fs/readFile": refuse,
    "far/future": (params) => ({ echo: params }),
  });
  const client = held.raw();
  expect((await client.begin())?.result).toEqual({ sessionId: "s", environmentInfo, also: 2 });
  expect((await client.wire.ask("fs/readFile", MKDIR))?.error).toEqual({
    code: -32004,
    message: "No such file",
    data: { holdfast: { code: "ENOENT" }, more: [1] },
  });
  expect((await client.wire.ask("far/future", { x: 1 }))?.result).toEqual({ echo: { x: 1 } });
  held.dialler.last.notify("far/notice", { y: 2 });
  await settle();
  expect(client.of("far/notice")).toEqual([{ y: 2 }]);
});

test("what the executor asks its client is asked, and answered", async () => {
  await using held = behindGateway();
  const client = held.raw();
  await client.begin();
  const request = { processId: "job", request: { protocol: "http", host: "example.org", port: 80 } };
  held.dialler.last.send({ id: 41, method: "network/policyRequest", params: request });
  const asked = await client.wire.first(({ method }) => method === "network/policyRequest");
  expect(asked.params).toEqual(request);
  client.wire.send({ id: asked.id, result: { decision: { type: "deny" } } });
  await settle();
  expect(held.dialler.last.answers).toEqual([{ id: 41, result: { decision: { type: "deny" } } }]);
});

test("a connection that was given on a line that broke is asked for by the same id, and what it said follows in order", async () => {
  await using held = behindGateway({ "holdfast/acceptConnection": () => NO_ANSWER });
  const client = held.raw();
  await client.begin();
  const params = { listenerId: "l", processId: "c", waitMs: 30_000 };
  const accepting = client.wire.ask("holdfast/acceptConnection", params);
  await settle();
  held.dialler.last.output("c", 1, "one ");
  const known = { connection: { isKnown: true, host: "127.0.0.1", port: 40_000 } };
  const chunks = [{ seq: 2, stream: "stdout", chunk: btoa("two ") }];
  held.dialler.plans.push({
    "holdfast/acceptConnection": () => known,
    "process/read": () => readResult({ chunks, nextSeq: 3 }),
  });
  await held.cut();
  expect((await accepting)?.result).toEqual(known);
  expect(held.dialler.last.of("holdfast/acceptConnection")).toEqual([params]);
  held.dialler.last.output("c", 3, "three");
  await settle();
  expect(client.of("process/output").map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(client.wire.outputOf("c")).toBe("one two three");
});

test("a connection that has not come is followed by nobody, and asked for again", async () => {
  let isThere = false;
  await using held = behindGateway({
    "holdfast/acceptConnection": () => (isThere ? { connection: { isKnown: false } } : { connection: null }),
  });
  const client = held.raw();
  await client.begin();
  const params = { listenerId: "l", processId: "c" };
  expect((await client.wire.ask("holdfast/acceptConnection", params))?.result).toEqual({ connection: null });
  isThere = true;
  expect((await client.wire.ask("holdfast/acceptConnection", params))?.result).toEqual({
    connection: { isKnown: false },
  });
  held.dialler.last.output("c", 1, "here");
  await settle();
  expect(client.wire.outputOf("c")).toBe("here");
});
