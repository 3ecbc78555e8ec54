import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Line } from "./line.ts";

interface Chunk {
  readonly seq: number;
  readonly chunk: string;
}

/** What a careful client has of one process, by number: what it was told live, and what it read after a cut. */
class Collected {
  readonly #chunks = new Map<number, string>();

  /** @throws Error when a number stands for two different things. */
  add({ seq, chunk }: Chunk): void {
    const known = this.#chunks.get(seq);
    if (known !== undefined && known !== chunk) throw new Error(`two different chunks have number ${seq}`);
    this.#chunks.set(seq, chunk);
  }

  /** The last number up to which nothing is missing. */
  get last(): number {
    let last = 0;
    while (this.#chunks.has(last + 1)) last += 1;
    return last;
  }

  get count(): number {
    return this.#chunks.size;
  }

  get sha256(): string {
    const hash = createHash("sha256");
    for (let seq = 1; seq <= this.last; seq += 1) hash.update(Buffer.from(this.#chunks.get(seq) ?? "", "base64"));
    return hash.digest("hex");
  }
}

/** Pseudo-random numbers from 0 to `below - 1`; the same for the same seed. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function take(line: Line, collected: Collected): void {
  for (const { method, params } of line.of("p")) {
    if (method === "process/output") collected.add({ seq: Number(params.seq), chunk: String(params.chunk) });
  }
}

/** Catch up on a new line. @returns whether the process is closed. */
async function catchUp(line: Line, collected: Collected): Promise<boolean> {
  const afterSeq = collected.last;
  const { chunks, closed } = await line.call("process/read", { processId: "p", afterSeq });
  const seqs = (chunks as Chunk[]).map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, index) => afterSeq + 1 + index));
  for (const chunk of chunks) collected.add(chunk);
  return closed;
}

/** Follow a process to its close over a line that is cut at random points. @returns the number of cuts. */
async function follow(first: Line, collected: Collected, seed: number): Promise<number> {
  const random = sequence(seed);
  let line = first;
  for (let cuts = 0; ; cuts += 1) {
    const enough = line.notices.length + 1 + random(8);
    await line.when(() => line.notices.length >= enough || line.isClosed("p"));
    take(line, collected);
    if (line.isClosed("p")) return cuts;
    await line.hangUp();
    for (let turns = random(30); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
    line = await Line.resume(first.executor, first.sessionId);
    if (await catchUp(line, collected)) return cuts + 1;
    take(line, collected);
  }
}

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

function slowly(file: string): readonly string[] {
  return [
    "sh",
    "-c",
    `i=0; while [ $i -lt 50 ]; do dd if=${file} bs=1000 skip=$i count=1 2>/dev/null; sleep 0.02; i=$((i+1)); done`,
  ];
}

describe("output over a line that is cut at random points", () => {
  test.each(SEEDS)("arrives whole from a producer that prints as fast as it can (seed %i)", async (seed) => {
    await using folder = await tempDir();
    const content = randomBytes(1_000_000);
    await writeFile(folder.join("content"), content);
    await using line = await Line.ready();
    await line.start("p", ["cat", folder.join("content")]);
    const collected = new Collected();
    await follow(line, collected, seed);
    expect(collected.last).toBe(collected.count);
    expect(collected.sha256).toBe(createHash("sha256").update(content).digest("hex"));
  });

  test.concurrent.each(SEEDS)("arrives whole from one that prints 50 kB a second (seed %i)", async (seed) => {
    await using folder = await tempDir();
    const content = randomBytes(50_000);
    await writeFile(folder.join("content"), content);
    await using line = await Line.ready();
    await line.start("p", slowly(folder.join("content")));
    const collected = new Collected();
    expect(await follow(line, collected, seed)).toBeGreaterThan(2);
    expect(collected.last).toBe(collected.count);
    expect(collected.sha256).toBe(createHash("sha256").update(content).digest("hex"));
  });

  test("comes live from the first event after the answer to initialize, so that one read leaves no hole", async () => {
    await using line = await Line.ready();
    await line.start("p", ["sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done"]);
    const collected = new Collected();
    await line.hangUp();
    for (;;) {
      const next = await Line.resume(line.executor, line.sessionId);
      const closed = await catchUp(next, collected);
      const { last } = collected;
      if (closed) break;
      await next.when(() => next.notices.length > 0);
      expect(next.seqs("p")[0]).toBeLessThanOrEqual(last + 1);
      take(next, collected);
      await next.hangUp();
    }
    expect(collected.last).toBe(collected.count);
  });
});
