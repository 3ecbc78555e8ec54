import { writeFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FakeClock, type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Line } from "./line.ts";

const ROUNDS = 50;
const RETENTION_MS = 1_000;

/** Leaves a child with its stdout that prints when `go` appears. Terminals hang up on children that their leader leaves. */
function leavesChild(go: string) {
  return ["sh", "-c", `trap "" HUP; (while [ ! -e ${go} ]; do sleep 0.005; done; printf late) & printf early; exit 3`];
}

function told(line: Line, processId: string) {
  return line
    .of(processId)
    .map(({ method, params: { seq, chunk } }) =>
      [seq, method.slice("process/".length), chunk && Buffer.from(String(chunk), "base64").toString().trim()]
        .filter(Boolean)
        .join(" "),
    );
}

const TOLD = ["1 output early", "2 exited", "3 output late", "4 closed"];

function read(line: Line, more: object = {}) {
  return line.call("process/read", { processId: "p", ...more });
}

const UNKNOWN = expect.objectContaining({ code: -32600, message: "unknown process id p" });

async function setUp() {
  const folder: TempDir = await tempDir();
  const clock = new FakeClock();
  const line = await Line.ready({ clock, limits: { closedRetentionMs: RETENTION_MS } });
  const dispose = async () => {
    await line[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { clock, line, go: folder.join("go"), folder, [Symbol.asyncDispose]: dispose };
}

describe.each([
  ["pipes", false],
  ["a terminal", true],
])("a process behind %s whose child keeps its stdout", (_, tty) => {
  test(`exits first, prints late and closes then: ${ROUNDS} in a row`, { timeout: 60_000 }, async () => {
    await using all = await setUp();
    const { line, folder } = all;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const [id, go] = [`p${round}`, folder.join(`go${round}`)];
      await line.start(id, leavesChild(go), { tty });
      await line.when(() => told(line, id).includes("2 exited"));
      expect(told(line, id)).toEqual(TOLD.slice(0, 2));
      await writeFile(go, "");
      await line.when(() => line.isClosed(id));
      expect(told(line, id)).toEqual(TOLD);
    }
  });

  test("is kept while its streams are open, and for its whole time after they have closed", async () => {
    await using all = await setUp();
    const { clock, line, go } = all;
    await line.start("p", leavesChild(go), { tty });
    await line.when(() => told(line, "p").includes("2 exited"));
    await clock.advance(10 * RETENTION_MS);
    expect(await read(line)).toMatchObject({ exited: true, exitCode: 3, closed: false, nextSeq: 3 });
    await writeFile(go, "");
    await line.when(() => line.isClosed("p"));
    await clock.advance(RETENTION_MS - 1);
    const { chunks, ...rest } = await read(line);
    expect(chunks.map(({ seq }: { seq: number }) => seq)).toEqual([1, 3]);
    expect(rest).toMatchObject({ exitCode: 3, closed: true, nextSeq: 5 });
    await clock.advance(1);
    await expect(read(line)).rejects.toThrow(UNKNOWN);
    await line.start("p", ["true"], { tty });
  });

  test("tells a client that was away for all of it, long after the exit", async () => {
    await using all = await setUp();
    const { clock, line, go } = all;
    await line.start("p", leavesChild(go), { tty });
    await line.when(() => told(line, "p").includes("2 exited"));
    await line.hangUp();
    await clock.advance(10 * RETENTION_MS);
    await writeFile(go, "");
    const next = await Line.resume(line.executor, line.sessionId);
    const { chunks } = await read(next, { afterSeq: 2, waitMs: 600_000 });
    expect(chunks).toMatchObject([{ seq: 3 }]);
    let answer: unknown;
    const last = read(next, { afterSeq: 3, waitMs: 600_000 }).then((value) => {
      answer = value;
    });
    // What was printed before the client was back holds the rest until it has had the time to take that in.
    while (answer === undefined) {
      await clock.advance(10);
      await nextTurn();
    }
    await last;
    expect(answer).toMatchObject({ exitCode: 3, closed: true, nextSeq: 5 });
  });
});
