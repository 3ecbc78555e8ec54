import { createExecServerCodec } from "@holdfast/exec-server-protocol";
import { createPeer, type Peer } from "@holdfast/rpc";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { mountSmallDisk, until } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { Cli, lines } from "../support/cli.ts";

const MIB = 1_048_576;

interface ReadAnswer {
  readonly chunks: readonly { readonly seq: number; readonly chunk: string }[];
  readonly nextSeq: number;
}

/** A client that shows what is on the wire. */
async function dial(url: string): Promise<Peer> {
  const peer = createPeer({ port: await connectWebSocket(url), codec: createExecServerCodec({ strict: true }) });
  await peer.call("initialize", { clientName: "disk" });
  peer.notify("initialized", {});
  return peer;
}

const disk = mountSmallDisk(4096);
const mounted = "path" in disk ? disk.path : undefined;

afterAll(() => {
  if ("path" in disk) disk.unmount();
});

describe.skipIf(mounted === undefined)(
  `serve --spool on a full disk${"reason" in disk ? ` (skipped: ${disk.reason})` : ""}`,
  () => {
    test("warns once and goes on without: processes live, and reads show the gap", { timeout: 30_000 }, async () => {
      await using server = new Cli(["serve", "--spool", mounted ?? "", "--log-level", "warn"]);
      await until(() => server.stdout.includes("\n"));
      const peer = await dial(server.stdout.toString().trim());
      for (const processId of ["first", "second"]) {
        let received = 0;
        let last = "";
        const unsubscribe = peer.on("process/output", (params) => {
          const data = Buffer.from((params as { readonly chunk: string }).chunk, "base64");
          received += data.length;
          last = data.toString();
        });
        const argv = ["sh", "-c", `head -c ${16 * MIB} /dev/zero; read line; echo $line`];
        const start = {
          processId,
          argv,
          cwd: "file:///",
          env: { PATH: process.env.PATH },
          tty: false,
          pipeStdin: true,
        };
        await peer.call("process/start", start);
        await until(() => received === 16 * MIB, { what: () => `${received} bytes came` });
        const { chunks, nextSeq } = (await peer.call("process/read", { processId })) as ReadAnswer;
        // What is there is what the window keeps; the numbers tell that the beginning is gone.
        const bytes = chunks.reduce((sum, { chunk }) => sum + Buffer.from(chunk, "base64").length, 0);
        expect(bytes).toBeLessThanOrEqual(MIB);
        expect(chunks.map(({ seq }) => seq)).toEqual(chunks.map((_, index) => nextSeq - chunks.length + index));
        expect(chunks[0]?.seq).toBeGreaterThan(1);
        await peer.call("process/write", { processId, writeId: "1", chunk: Buffer.from("alive\n").toString("base64") });
        await until(() => last === "alive\n");
        unsubscribe();
      }
      peer.close();
      await until(() => server.stderr.includes("\n"));
      expect(lines(server.stderr)).toEqual([
        expect.stringMatching(/ warn output is not spooled any more where this happens: No space left on device/),
      ]);
    });
  },
);
