import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { LineScenario } from "../line-scenario.ts";
import { connectBy, TRANSPORTS, UNCONFINED } from "../transports.ts";

const MIB = 1024 * 1024;
/** Below the largest message that servers take on a websocket, 64 MiB, as base64. */
const LARGE_BYTES = 40 * MIB;
/** 0.144.6 takes half a minute for one on a busy machine. */
const PATIENTLY = { timeoutMs: 240_000 };

export const everyTransport: LineScenario = {
  id: "every-transport",
  sentence: "pipes, websockets and unix sockets carry the same calls, notices, and files of 40 MiB",
  async run(ground) {
    for (const transport of TRANSPORTS) {
      await using it = await connectBy(transport, ground);
      const { codex } = it;
      assert.ok(codex.serverInfo.userAgent.includes(`/${ground.release.told} `), codex.serverInfo.userAgent);
      const started = Promise.withResolvers<{ readonly id: string; readonly emittedAtMs: number | undefined }>();
      codex.on("thread/started", ({ thread: { id } }, { emittedAtMs }) => started.resolve({ id, emittedAtMs }));
      const { thread } = await codex.thread.start({ cwd: ground.folder });
      const { id, emittedAtMs } = await started.promise;
      assert.equal(id, thread.id);
      assert.equal(emittedAtMs === undefined, ground.release.version === "0.144.6");
      const ran = await codex.command.exec({ command: ["sh", "-c", "echo out; echo err >&2; exit 3"], ...UNCONFINED });
      assert.deepEqual(ran, { exitCode: 3, stdout: "out\n", stderr: "err\n" });
      const path = `${ground.folder}/${transport.replace(" ", "-")}`;
      const bytes = Buffer.alloc(LARGE_BYTES, `${transport} `);
      await codex.fs.writeFile({ path, dataBase64: bytes.toString("base64") }, PATIENTLY);
      assert.ok((await readFile(path)).equals(bytes));
      const { dataBase64 } = await codex.fs.readFile({ path }, PATIENTLY);
      assert.ok(Buffer.from(dataBase64, "base64").equals(bytes));
      await codex.close();
      assert.equal(codex.state, "closed");
    }
  },
};
