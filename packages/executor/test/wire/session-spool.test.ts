import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Line } from "./line.ts";

const MIB = 1_048_576;

interface Piece {
  readonly seq: number;
  readonly stream: string;
  readonly chunk: string;
}

function sha256(pieces: readonly Piece[] | Buffer): string {
  const hash = createHash("sha256");
  if (Buffer.isBuffer(pieces)) return hash.update(pieces).digest("hex");
  for (const { chunk } of pieces) hash.update(Buffer.from(chunk, "base64"));
  return hash.digest("hex");
}

function told(line: Line): Piece[] {
  return line
    .of("p")
    .filter(({ method }) => method === "process/output")
    .map(({ params }) => ({ seq: Number(params.seq), stream: String(params.stream), chunk: String(params.chunk) }));
}

function read(line: Line, more: object = {}) {
  return line.call("process/read", { processId: "p", ...more });
}

async function setUp(mib: number, limit = 256 * MIB, clock?: FakeClock) {
  const folder = await tempDir();
  const content = randomBytes(mib * MIB);
  await writeFile(folder.join("content"), content);
  const spool = { directory: folder.join("spool"), maxBytesPerProcess: limit };
  const line = await Line.ready({ spool, clock, limits: { closedRetentionMs: 60_000 } });
  const dispose = async () => {
    await line[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  return { folder, content, line, [Symbol.asyncDispose]: dispose };
}

/** Print it while nobody listens, then come back. */
async function missed({ folder, line }: Awaited<ReturnType<typeof setUp>>, more = "", options: object = {}) {
  const [go, content, done] = [folder.join("go"), folder.join("content"), folder.join("done")];
  const script = `echo first; while [ ! -e ${go} ]; do sleep 0.01; done; cat ${content}; touch ${done}; ${more}`;
  await line.start("p", ["sh", "-c", script], options);
  await line.when(() => line.text("p").startsWith("first"));
  await line.hangUp();
  await writeFile(go, "");
  await until(() => existsSync(done), { deadlineMs: 25_000 });
}

function closedOn(next: Line) {
  return until(async () => (await read(next, { afterSeq: 2 ** 40 })).closed);
}

/** A line for which the end of the process is a thing of the past: nothing of it is told live. */
async function resumeAfterClose({ line }: Awaited<ReturnType<typeof setUp>>): Promise<Line> {
  const witness = await Line.resume(line.executor, line.sessionId);
  await closedOn(witness);
  await witness.hangUp();
  return Line.resume(line.executor, line.sessionId);
}

describe("output that was spooled while nobody listened", () => {
  test("comes whole after one read without a bound: a prefix as the answer, the rest as notices in order", async () => {
    await using all = await setUp(64);
    await missed(all, "exit 3");
    const next = await resumeAfterClose(all);
    const early = told(next).length;
    const answer = await read(next, { afterSeq: 1 });
    expect(answer).toMatchObject({ closed: false, exited: false, exitCode: null, failure: null });
    expect(JSON.stringify(answer).length).toBeLessThan(16 * MIB);
    expect(answer.nextSeq).toBe(answer.chunks.at(-1).seq + 1);
    await next.when(() => next.isClosed("p"));
    const pieces = [...answer.chunks, ...told(next).slice(early)];
    expect(sha256(pieces)).toBe(sha256(all.content));
    const rest = next
      .of("p")
      .slice(early)
      .map(({ params }) => Number(params.seq));
    expect(rest).toEqual(rest.map((_, index) => answer.nextSeq + index));
    expect(next.of("p").slice(-2)).toMatchObject([
      { method: "process/exited", params: { exitCode: 3 } },
      { method: "process/closed" },
    ]);
  }, 60_000);

  test("goes on live behind what was missed, while the process goes on printing", async () => {
    await using all = await setUp(32);
    await missed(all, `sleep 0.2; cat ${all.folder.join("content")}`);
    const next = await Line.resume(all.line.executor, all.line.sessionId);
    await until(async () => (await read(next, { afterSeq: 2 ** 40 })).nextSeq > 500);
    const answer = await read(next, { afterSeq: 1 });
    await next.when(() => next.isClosed("p"));
    const bySeq = new Map<number, Piece>();
    for (const piece of [...answer.chunks, ...told(next)]) bySeq.set(piece.seq, piece);
    const pieces = [...bySeq.values()].sort((left, right) => left.seq - right.seq);
    expect(sha256(pieces)).toBe(sha256(Buffer.concat([all.content, all.content])));
  }, 60_000);

  test("is read piece by piece within maxBytes, with the numbers that notices had", async () => {
    await using all = await setUp(4);
    await all.line.run("p", ["cat", all.folder.join("content")]);
    const notices = told(all.line);
    const pieces: Piece[] = [];
    for (let afterSeq = 0; ; ) {
      const { chunks, nextSeq, closed } = await read(all.line, { afterSeq, maxBytes: 100_000 });
      expect(closed).toBe(true);
      if (chunks.length === 0) break;
      const bytes = chunks.reduce((sum: number, { chunk }: Piece) => sum + Buffer.from(chunk, "base64").length, 0);
      if (chunks.length > 1) expect(bytes).toBeLessThanOrEqual(100_000);
      expect(nextSeq).toBe(chunks.at(-1).seq + 1);
      pieces.push(...chunks);
      afterSeq = nextSeq - 1;
    }
    expect(pieces).toEqual(notices);
    expect(await read(all.line, { maxBytes: 0 })).toMatchObject({ chunks: [notices[0]], nextSeq: 2 });
    expect(await read(all.line)).toMatchObject({ chunks: notices, nextSeq: notices.length + 3, closed: true });
    expect(told(all.line)).toEqual(notices);
  });

  test("does not make a line repeat what it was told already when somebody reads it all again", async () => {
    await using all = await setUp(16);
    await all.line.run("p", ["cat", all.folder.join("content")]);
    const before = all.line.notices.length;
    const { closed, nextSeq } = await read(all.line);
    expect([closed, nextSeq < before]).toEqual([false, true]);
    await all.line.run("q", ["true"]);
    expect(all.line.of("p")).toHaveLength(before);
  });

  test("is that of a terminal too", async () => {
    await using all = await setUp(1);
    const lines = Array.from({ length: 400_000 }, (_, index) => `${index}\n`).join("");
    await writeFile(all.folder.join("content"), lines);
    await missed(all, "", { tty: true });
    const next = await resumeAfterClose(all);
    const { chunks } = await read(next, { afterSeq: 1 });
    expect(new Set(chunks.map(({ stream }: Piece) => stream))).toEqual(new Set(["pty"]));
    const text = chunks.map(({ chunk }: Piece) => Buffer.from(chunk, "base64").toString()).join("");
    expect(text.replaceAll("\r", "")).toBe(lines);
  });

  test("answers a long poll at once, and one at its end waits for news", async () => {
    await using all = await setUp(4);
    await missed(all, "sleep 600");
    const next = await Line.resume(all.line.executor, all.line.sessionId);
    const { chunks } = await until(async () => {
      const answer = await read(next, { afterSeq: 1, waitMs: 600_000 });
      return sha256(answer.chunks) === sha256(all.content) ? answer : undefined;
    });
    const poll = read(next, { afterSeq: chunks.at(-1).seq, waitMs: 600_000 });
    await next.call("process/terminate", { processId: "p" });
    expect(await poll).toMatchObject({ chunks: [], exitCode: 137 });
  });

  test("loses its oldest beyond the limit, and the numbers tell", async () => {
    await using all = await setUp(8, 2 * MIB);
    await all.line.run("p", ["cat", all.folder.join("content")]);
    const { chunks, nextSeq } = await read(all.line);
    const bytes = chunks.reduce((sum: number, { chunk }: Piece) => sum + Buffer.from(chunk, "base64").length, 0);
    expect(bytes).toBeGreaterThan(MIB);
    expect(bytes).toBeLessThanOrEqual(3 * MIB);
    expect(chunks).toEqual(told(all.line).slice(-chunks.length));
    expect(chunks.at(-1).seq).toBe(nextSeq - 3);
  });

  test.skipIf(process.platform !== "linux")("takes one descriptor, and gives it back with the process", async () => {
    const clock = new FakeClock();
    await using all = await setUp(4, 256 * MIB, clock);
    const spoolFiles = () =>
      readdirSync("/proc/self/fd").filter((name) => {
        try {
          return readlinkSync(`/proc/self/fd/${name}`).startsWith(`${all.folder.join("spool")}/`);
        } catch {
          return false;
        }
      }).length;
    await all.line.run("p", ["cat", all.folder.join("content")]);
    await all.line.run("small", ["echo", "x"]);
    expect(spoolFiles()).toBe(1);
    await clock.advance(60_000);
    await until(() => spoolFiles() === 0);
    await all.line.start("p", ["sh", "-c", `cat ${all.folder.join("content")}; sleep 600`]);
    await until(() => spoolFiles() === 1);
    await all.line.executor.close();
    await until(() => spoolFiles() === 0);
    expect(readdirSync(all.folder.join("spool"))).toEqual([]);
  });
});
