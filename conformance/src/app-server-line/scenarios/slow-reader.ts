import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { until } from "@holdfast/testkit";
import type { LineScenario } from "../line-scenario.ts";
import { connectBy, UNCONFINED } from "../transports.ts";

const MIB = 1024 * 1024;
const OUTPUT_BYTES = 96 * MIB;
/** Without a single delta, it is stuck. 0.144.6 is only slow: it waits for an acknowledgement, some 40 ms, with every message on a websocket. */
const STUCK_MS = 60_000;
const READ_DEADLINE_MS = 900_000;
/**
 * What may lie between the command and a reader that has stopped, in this process: 64 MiB of messages that are held, 256 of up to 88 KiB that wait for the
 * reader, and what is being read. The whole output would be 128 MiB as base64.
 */
const MEMORY_MAX_BYTES = 112 * MIB;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export const slowReader: LineScenario = {
  id: "slow-reader",
  sentence:
    "a reader that stops for a while holds back a command's output, in bounded memory, and then gets all of it, or is told that the line was lost",
  async run(ground) {
    for (const transport of ["websocket", "stdio"] as const) {
      await using it = await connectBy(transport, ground);
      const { codex } = it;
      const lost = new AbortController();
      codex.onConnection(({ kind }) => {
        if (kind === "lost") lost.abort();
      });
      const reader = codex.notices("command/exec/outputDelta");
      let heard = 0;
      codex.on("command/exec/outputDelta", () => {
        heard += 1;
      });
      const before = memoryInUse();
      const output = `head -c ${OUTPUT_BYTES} /dev/zero | tr '\\0' x`;
      const ran = codex.command.exec({
        command: ["sh", "-c", output],
        processId: `slow-${transport}`,
        streamStdoutStderr: true,
        disableOutputCap: true,
        disableTimeout: true,
        ...UNCONFINED,
      });
      const failed = ran.then(
        () => undefined,
        (error: Error & { delivery?: string }) => error,
      );
      // The reader takes nothing until nothing has come for a second.
      let last = -1;
      await until(
        () => {
          const isStill = heard === last && heard > 0;
          last = heard;
          return isStill;
        },
        { intervalMs: 1_000, deadlineMs: 60_000 },
      );
      const grown = memoryInUse() - before;
      assert.ok(grown < MEMORY_MAX_BYTES, `${transport}: ${grown} bytes more memory`);
      assert.ok(heard <= 256, `${transport}: ${heard} deltas came to a reader that takes none`);
      const hash = createHash("sha256");
      let bytes = 0;
      let progressAtMs = performance.now();
      const read = async (): Promise<void> => {
        for await (const { params } of reader) {
          const chunk = Buffer.from(params.deltaBase64, "base64");
          hash.update(chunk);
          bytes += chunk.length;
          progressAtMs = performance.now();
          if (bytes >= OUTPUT_BYTES || lost.signal.aborted) return;
        }
      };
      let isRead = false;
      void read().then(() => {
        isRead = true;
      });
      const isStuck = (): boolean => performance.now() - progressAtMs > STUCK_MS;
      await until(() => isRead || lost.signal.aborted || isStuck(), { deadlineMs: READ_DEADLINE_MS });
      assert.ok(!isStuck(), `${transport}: stuck, ${OUTPUT_BYTES - bytes} bytes are missing`);
      if (lost.signal.aborted) {
        // Releases that end a connection which is not read: nothing is passed off as whole.
        const error = await failed;
        assert.ok(error !== undefined && error.delivery === "unknown", `${transport}: ${error}`);
        ground.note(`${transport}: the server ended the line after ${bytes} bytes, and the caller was told`);
        continue;
      }
      assert.equal(await failed, undefined);
      assert.deepEqual(await ran, { exitCode: 0, stdout: "", stderr: "" });
      const whole = createHash("sha256");
      for (let at = 0; at < OUTPUT_BYTES; at += MIB) whole.update(Buffer.alloc(MIB, "x"));
      assert.equal(hash.digest("hex"), whole.digest("hex"));
      ground.note(`${transport}: all ${bytes} bytes, ${Math.round(grown / MIB)} MiB more memory while it stood still`);
    }
  },
};
