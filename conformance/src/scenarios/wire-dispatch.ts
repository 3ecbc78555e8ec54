import assert from "node:assert/strict";
import type { WireScenario } from "../scenario.ts";
import { startParams } from "../start-params.ts";
import { WireLine } from "../wire-line.ts";

const PIPELINED_STARTS = 500;
const LINES = 200;
const ROUNDS = 25;
const SIDE_BY_SIDE = 16;

export const WIRE_DISPATCH: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.pipelined-starts",
    sentence: `${PIPELINED_STARTS} pipelined starts on one connection all finish`,
    requirements: ["dispatch.pipelining"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      for (let n = 0; n < PIPELINED_STARTS; n++) {
        line.post("process/start", startParams(context.folder, { processId: `p${n}`, argv: ["/bin/true"] }));
      }
      const isClose = (message: { method?: string }): boolean => message.method === "process/closed";
      await line.collect(PIPELINED_STARTS, isClose, 5_000);
    },
  },
  {
    direction: "wire",
    id: "wire.long-poll-delays-nothing",
    sentence: "terminate is answered while a long poll of the same connection waits",
    requirements: ["dispatch.no-head-of-line", "terminate.group"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const argv = ["/bin/sleep", "60"];
      await line.call("process/start", startParams(context.folder, { processId: "quiet", argv }));
      await line.call("process/start", startParams(context.folder, { processId: "victim", argv }));
      line.post("process/read", { processId: "quiet", afterSeq: 0, maxBytes: null, waitMs: 8_000 });
      const { result } = await line.call("process/terminate", { processId: "victim" }, 4_000);
      assert.deepEqual(result, { running: true });
    },
  },
  {
    direction: "wire",
    id: "wire.write-order",
    sentence: `${LINES} pipelined writes reach the program in order, with requests running side by side`,
    requirements: ["write.order", "write.accepted"],
    essential: false,
    async run(context) {
      await using executor = await context.serve({ concurrentRequests: 8 });
      await using line = await WireLine.open(executor.url);
      const argv = ["/bin/sh", "-c", `i=0; while [ $i -lt ${LINES} ]; do read -r l; echo "$l"; i=$((i+1)); done`];
      await line.call("process/start", startParams(context.folder, { processId: "reader", argv, pipeStdin: true }));
      const sent = Array.from({ length: LINES }, (_, n) => `line-${n}\n`);
      for (const [n, text] of sent.entries()) {
        const chunk = Buffer.from(text).toString("base64");
        line.post("process/write", { processId: "reader", chunk, writeId: `w${n}` });
      }
      await line.notice("process/closed", "reader");
      assert.ok(line.outputOf("reader") === sent.join(""), "the program read its lines in another order");
    },
  },
  {
    direction: "wire",
    id: "wire.output-before-exit",
    sentence: "what a program printed before it ended has a lower sequence number than its exit",
    requirements: ["output.before-exit", "output.notices", "exit.close-last"],
    essential: false,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      let late = 0;
      const runOne = async (processId: string): Promise<void> => {
        await line.call("process/start", startParams(context.folder, { processId, argv: ["/bin/echo", "words"] }));
        await line.notice("process/closed", processId);
        const exit = await line.notice("process/exited", processId);
        const output = await line.notice("process/output", processId);
        if (Number(output.params?.seq) > Number(exit.params?.seq)) late++;
      };
      for (let round = 0; round < ROUNDS; round++) {
        await Promise.all(Array.from({ length: SIDE_BY_SIDE }, (_, n) => runOne(`p${round}-${n}`)));
      }
      const runs = ROUNDS * SIDE_BY_SIDE;
      assert.equal(late, 0, `${late} of ${runs} programs ended before their output`);
    },
  },
  {
    direction: "wire",
    id: "wire.violation-has-a-reason",
    sentence: "a notification nobody knows ends the line with a close code and a reason",
    requirements: ["envelope.violation-closes"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      line.send({ method: "no/suchNotice", params: {} });
      const close = await line.closed();
      assert.notEqual(close.code, 1006, "the line broke off without a close frame");
      assert.notEqual(close.reason, "");
    },
  },
  {
    direction: "wire",
    id: "wire.malformed-lives-on",
    sentence: "malformed frames are answered with id -1 and the line goes on",
    requirements: ["envelope.malformed", "envelope.unknown-method", "envelope.params", "handshake.sequence"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const frames = ["", "{", "[]", "null", '"text"', "{}", '{"id":null,"method":"environment/info"}x'];
      for (const frame of frames) line.sendFrame(frame);
      const answers = await line.collect(frames.length, (message) => message.id === -1);
      assert.deepEqual(new Set(answers.map(({ error }) => error?.code)), new Set([-32600]));
      assert.equal((await line.call("no/suchMethod", {})).error?.code, -32601);
      assert.equal((await line.call("process/read", {})).error?.code, -32602);
      assert.ok((await line.call("environment/info", null)).result);
    },
  },
  {
    direction: "wire",
    id: "wire.lenient-envelope",
    sentence: "a jsonrpc member, unknown members, a trace, text ids, id 0 and binary frames are all taken",
    requirements: ["envelope.shapes", "envelope.unknown-members"],
    essential: true,
    async run(context) {
      await using executor = await context.serve();
      await using line = await WireLine.open(executor.url);
      const method = "environment/info";
      line.send({ jsonrpc: "2.0", id: "text", method });
      line.send({ id: 0, method, params: null, extra: { deep: [1] } });
      line.send({ id: -7, method, params: {}, trace: { traceparent: null, tracestate: null } });
      line.sendFrame(Buffer.from(JSON.stringify({ id: 77, method })));
      line.send({ id: 78, method: "process/terminate", params: { processId: "nobody", newer: true } });
      for (const id of ["text", 0, -7, 77, 78]) {
        const answer = await line.answerTo(id);
        assert.ok(answer.result !== undefined, JSON.stringify(answer));
        assert.equal("jsonrpc" in answer, false);
      }
    },
  },
];
