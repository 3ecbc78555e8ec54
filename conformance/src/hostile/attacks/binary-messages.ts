import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { seededRandom } from "../../soak/random.ts";
import { WireLine } from "../../wire-line.ts";
import type { Attack } from "../attack.ts";

const SEED = 20_261_130;
const KIB = 1024;
/** Longest JSON that a length within the bound of messages could claim. */
const CLAIMED_BYTES = 64 * KIB * KIB - 4;
/** What a flood of claims may add to the memory of an executor, in KiB: less than one of them says. */
const GROWTH_MAX_KIB = 48 * KIB;

function binary(json: string, behind: Uint8Array, length = Buffer.byteLength(json)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return Buffer.concat([head, Buffer.from(json), behind]);
}

async function residentKib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

/** An executor that says it reads binary messages, and answers every `fs/readBlock` with one. */
async function binaryExecutor(cwd: string, answer: (id: number) => Buffer) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (line) =>
    line.on("message", (data: Buffer, isBinary: boolean) => {
      // Only `initialized` is binary here: nothing long is written.
      if (isBinary) return;
      const { id, method, params } = JSON.parse(data.toString());
      const meta = { isDirectory: false, isFile: true, isSymlink: false, size: 5, createdAtMs: 0, modifiedAtMs: 0 };
      const environmentInfo = {
        shell: { name: "sh", path: "/bin/sh" },
        cwd,
        platformOs: "linux",
        capabilities: { holdfastBinaryMessages: true, holdfastStaging: true, fileWriteStreaming: true },
      };
      const results: Readonly<Record<string, unknown>> = {
        initialize: { sessionId: "11111111-1111-4111-8111-111111111111", environmentInfo },
        "fs/getMetadata": meta,
        "fs/open": { handleId: params?.handleId },
      };
      if (method === "fs/readBlock") line.send(answer(id));
      else line.send(JSON.stringify({ id, result: results[method] ?? {} }));
    }),
  );
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

export const BINARY_MESSAGES: readonly Attack[] = [
  {
    id: "binary.to-an-executor",
    sentence: "binary messages that are none are refused by what is wrong with them, cost no memory and hold up nobody",
    essential: true,
    async run({ serve }) {
      const random = seededRandom(SEED);
      await using executor = await serve();
      await using other = await WireLine.open(executor.url);
      await using attacker = await WireLine.open(executor.url);
      const call = JSON.stringify({
        id: 1,
        method: "fs/writeBlock",
        params: { handleId: "h", offset: 0 },
        bytes: "chunk",
      });
      attacker.sendFrame(binary(call, Buffer.from("x")));
      await attacker.first(({ id }) => id === 1);
      const before = await residentKib(executor.pid);
      const whole = binary(call, Buffer.alloc(64, "x"));
      for (let round = 0; round < 2_000; round += 1) {
        // Its length is another one, and it is cut somewhere.
        const bent = Buffer.from(whole);
        bent[random.between(0, 3)] = random.between(0, 8);
        attacker.sendFrame(bent.subarray(0, random.between(0, bent.length)));
        attacker.sendFrame(binary("{", Buffer.alloc(0), CLAIMED_BYTES));
      }
      const { result } = await other.call("environment/status", {});
      assert.deepEqual(result, { status: "ready" });
      const refused = await attacker.collect(2_000, ({ error }) => /only 1 came$/.test(error?.message ?? ""));
      assert.ok(refused.every(({ id, error }) => id === -1 && error?.code === -32600));
      const growth = (await residentKib(executor.pid)) - before;
      assert.ok(growth < GROWTH_MAX_KIB, `the executor grew by ${growth} KiB`);
      assert.deepEqual((await attacker.call("environment/status", {})).result, { status: "ready" });
    },
  },
  {
    id: "binary.to-a-client",
    sentence:
      "a client whose executor answers with bytes that belong to nothing fails by name and leaves nothing behind",
    essential: true,
    async run({ playground, holdfast }) {
      const { home, workspace } = playground;
      const bytes = Buffer.alloc(5, "x");
      const answers: readonly (readonly [RegExp, (id: number) => Buffer])[] = [
        [/does not say what the 5 bytes/, (id) => binary(JSON.stringify({ id, result: { eof: true } }), bytes)],
        [
          /names a member that has no bytes/,
          (id) => binary(JSON.stringify({ id, result: { eof: true }, bytes: "eof" }), bytes),
        ],
        [
          /missing field `chunk`/,
          (id) => binary(JSON.stringify({ id, result: { eof: true }, bytes: "dataBase64" }), bytes),
        ],
        [/only \d+ came/, (id) => binary(JSON.stringify({ id, result: { eof: true } }), bytes, CLAIMED_BYTES)],
        [/has no length/, () => Buffer.from([0])],
      ];
      for (const [reason, answer] of answers) {
        await using executor = await binaryExecutor(`file://${home}`, answer);
        const words = ["cp", "--url", executor.url, "remote:/srv/file", join(workspace, "copy")];
        const { exitCode, stderr } = await holdfast(words);
        assert.equal(exitCode, 1, stderr);
        assert.match(stderr, reason);
        assert.deepEqual(
          (await readdir(workspace)).filter((name) => name.includes("copy")),
          [],
        );
      }
    },
  },
];
