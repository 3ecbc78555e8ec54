import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "@holdfast/testkit";
import type { WireScenario } from "../scenario.ts";
import { startParams } from "../start-params.ts";
import { WireLine } from "../wire-line.ts";

const METHOD_NOT_FOUND = -32601;
const INVALID_REQUEST = -32600;
/** All that a client of the reference was ever told, by message. */
const KNOWN_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  "process/start": ["processId", "sandboxType"],
  "process/write": ["status"],
  "process/output": ["processId", "seq", "stream", "chunk"],
  "process/exited": ["processId", "seq", "exitCode", "sandboxDenied"],
  "process/closed": ["processId", "seq"],
};

function assertKnown(message: string, members: object = {}): void {
  const known = KNOWN_MEMBERS[message] ?? [];
  assert.deepEqual(
    Object.keys(members).filter((name) => !known.includes(name)),
    [],
    `${message} has members of the extension`,
  );
}

async function hasCapability(line: WireLine, name: string): Promise<boolean> {
  const { result } = await line.call("environment/info", null);
  const capabilities = (result?.capabilities ?? {}) as Readonly<Record<string, unknown>>;
  return capabilities[name] === true;
}

export const WIRE_PROCESS_CONTROL: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.extension-unseen",
    sentence: "a client that asks for nothing of the extension is told nothing of it",
    requirements: ["holdfast.process-control"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      for (const tty of [false, true]) {
        const processId = `plain ${tty}`;
        const params = startParams(context.folder, { processId, argv: ["/bin/cat"], tty, pipeStdin: true });
        const { result } = await line.call("process/start", params);
        assertKnown("process/start", result);
        const write = { processId, writeId: "1", chunk: Buffer.from("hello\n").toString("base64") };
        assertKnown("process/write", (await line.call("process/write", write)).result);
        await line.notice("process/output", processId);
        await line.call("process/terminate", { processId });
        await line.notice("process/closed", processId);
      }
      for (const { method, params } of line.received) assertKnown(String(method), params);
    },
  },
  {
    direction: "wire",
    id: "wire.process-control",
    sentence: "an executor that claims to control processes does, and another one knows no such method",
    requirements: ["holdfast.process-control"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const processId = "controlled";
      const closing = { processId };
      if (!(await hasCapability(line, "holdfastProcessControl"))) {
        assert.equal((await line.call("holdfast/closeStdin", closing)).error?.code, METHOD_NOT_FOUND);
        return;
      }
      const argv = ["/bin/sh", "-c", "cat; stty size 2>/dev/null; trap 'exit 7' TERM; while :; do sleep 0.01; done"];
      const started = await line.call(
        "process/start",
        startParams(context.folder, { processId, argv, tty: true, holdfast: { terminal: { rows: 40, columns: 100 } } }),
      );
      const pid = (started.result?.holdfast as { pid?: unknown } | undefined)?.pid;
      assert.equal(typeof pid, "number");
      const { result: list } = await line.call("holdfast/listProcesses", {});
      assert.partialDeepStrictEqual(list, { processes: [{ processId, pid }], hasMore: false });
      assert.deepEqual((await line.call("holdfast/closeStdin", closing)).result, { status: "accepted" });
      await line.when(() => line.outputOf(processId).includes("40 100"));
      assert.deepEqual((await line.call("holdfast/resizeTerminal", { processId, rows: 20, columns: 60 })).result, {});
      const signalled = await line.call("holdfast/signalProcess", { processId, signal: "SIGTERM" });
      assert.deepEqual(signalled.result, { delivered: true });
      assert.equal((await line.notice("process/exited", processId)).params?.exitCode, 7);
    },
  },
  {
    direction: "wire",
    id: "wire.process-ending",
    sentence: "an executor that claims to end processes leaves nothing of them, and another one knows no such method",
    requirements: ["holdfast.process-ending"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const ending = { processId: "ended", graceMs: 2_000 };
      if (!(await hasCapability(line, "holdfastProcessEnding"))) {
        assert.equal((await line.call("holdfast/endProcess", ending)).error?.code, METHOD_NOT_FOUND);
        return;
      }
      // A child in another session, with streams of its own, and a parent that ends when it is asked to.
      const argv = ["/bin/sh", "-c", "setsid sh -c 'echo $$; exec sleep 60 >/dev/null 2>&1' & wait"];
      const start = async (processId: string, more: object = {}): Promise<number> => {
        await line.call("process/start", startParams(context.folder, { processId, argv, ...more }));
        await line.when(() => line.outputOf(processId).endsWith("\n"));
        return Number(line.outputOf(processId));
      };
      const asked = await start("ended");
      assert.deepEqual((await line.call("holdfast/endProcess", ending)).result, { running: true });
      assert.equal(isAlive(asked), false, "what left its group lives on");
      await line.notice("process/closed", "ended");
      assert.deepEqual((await line.call("holdfast/endProcess", ending)).result, { running: false });
      const left = await start("left", { holdfast: { maxDetachedMs: 0 } });
      await line[Symbol.asyncDispose]();
      for (let looks = 0; isAlive(left); looks += 1) {
        assert.ok(looks < 500, "a process lives on without its client");
        await delay(10);
      }
    },
  },
  {
    direction: "wire",
    id: "wire.sharing",
    sentence: "an executor that claims to share processes does, and another one knows no such method",
    requirements: ["holdfast.sharing"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using owner = await WireLine.open(executor.url);
      await using other = await WireLine.open(executor.url);
      const processId = "shared";
      const argv = ["/bin/sh", "-c", "while read line; do echo got $line; done"];
      const started = startParams(context.folder, { processId, argv, pipeStdin: true });
      await owner.call("process/start", started);
      const named = { sessionId: owner.sessionId, processId };
      const read = await other.call("holdfast/readShared", named);
      if (!(await hasCapability(other, "holdfastSharing"))) {
        assert.equal(read.error?.code, METHOD_NOT_FOUND);
        return;
      }
      assert.partialDeepStrictEqual(read.result, { chunks: [], exited: false, input: "owner" });
      const write = (writeId: string) => ({
        processId,
        writeId,
        chunk: Buffer.from(`${writeId}\n`).toString("base64"),
      });
      assert.deepEqual((await other.call("holdfast/takeInput", named)).result, {});
      assert.deepEqual((await owner.call("process/write", write("owner"))).result, { status: "accepted" });
      const shared = { ...write("other"), sessionId: owner.sessionId };
      assert.deepEqual((await other.call("holdfast/writeShared", shared)).result, { status: "accepted" });
      await owner.when(() => owner.outputOf(processId).includes("got other\n"));
      assert.deepEqual((await other.call("holdfast/giveInput", named)).result, {});
      await owner.when(() => owner.outputOf(processId) === "got other\ngot owner\n");
    },
  },
  {
    direction: "wire",
    id: "wire.connections",
    sentence: "an executor that claims to open connections does, and another one knows no such method",
    requirements: ["holdfast.connections"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const server = createServer((socket) => socket.pipe(socket));
      const port = await new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
      });
      try {
        const processId = "connection";
        const opened = await line.call("holdfast/openConnection", { processId, host: "127.0.0.1", port });
        if (!(await hasCapability(line, "holdfastConnections"))) {
          assert.equal(opened.error?.code, METHOD_NOT_FOUND);
          return;
        }
        assert.deepEqual(opened.result, {});
        const chunk = Buffer.from("there and back").toString("base64");
        await line.call("process/write", { processId, writeId: "1", chunk });
        await line.call("holdfast/closeStdin", { processId });
        await line.notice("process/closed", processId);
        assert.equal(line.outputOf(processId), "there and back");
      } finally {
        server.close();
      }
    },
  },
  {
    direction: "wire",
    id: "wire.listeners",
    sentence: "an executor that claims to listen does, and another one knows no such method",
    requirements: ["holdfast.listeners"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const listened = await line.call("holdfast/listen", { listenerId: "listener" });
      if (!(await hasCapability(line, "holdfastListeners"))) {
        assert.equal(listened.error?.code, METHOD_NOT_FOUND);
        return;
      }
      const socket = connect({ host: "127.0.0.1", port: Number(listened.result?.port), allowHalfOpen: true });
      const processId = "accepted";
      const accepting = { listenerId: "listener", processId, waitMs: 10_000 };
      const { result } = await line.call("holdfast/acceptConnection", accepting);
      const from = { host: "127.0.0.1", port: socket.localPort };
      assert.deepEqual(result, { connection: { isKnown: false, ...from } });
      socket.end("from there");
      await line.notice("process/exited", processId);
      assert.equal(line.outputOf(processId), "from there");
      await line.call("holdfast/closeStdin", { processId });
      await line.notice("process/closed", processId);
      assert.deepEqual((await line.call("holdfast/closeListener", { listenerId: "listener" })).result, {});
      assert.equal((await line.call("holdfast/acceptConnection", accepting)).error?.code, INVALID_REQUEST);
      socket.destroy();
    },
  },
];
