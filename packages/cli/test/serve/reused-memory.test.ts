import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { connect, type Executor } from "@holdfast/exec-client";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";

const MIB = 1024 * 1024;

function sha(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Bytes that differ from place to place and from seed to seed. */
function content(seed: number, bytes: number): Buffer {
  const words = new Uint32Array(bytes / 4);
  let state = seed;
  for (let index = 0; index < words.length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = state;
  }
  return Buffer.from(words.buffer);
}

async function shaOfOutput(executor: Executor, path: string, slow: boolean): Promise<string> {
  const process = await executor.processes.start({ argv: ["cat", path], cwd: "/" });
  const hash = createHash("sha256");
  let events = 0;
  for await (const event of process.events()) {
    if (event.type === "output") hash.update(event.data);
    events += 1;
    // Lets others have the line, and the executor's queue fill.
    if (slow && events % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest("hex");
}

async function shaOfFile(executor: Executor, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of executor.fs.createReadStream(path)) hash.update(block);
  return hash.digest("hex");
}

describe("memory that is used again", () => {
  const mixesNothingUp = async (mib: number) => {
    await using folder = await tempDir();
    const files = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const path = folder.join(`in-${index}`);
        const data = content(index + 1, mib * MIB);
        await writeFile(path, data);
        return { path, data, sha: sha(data) };
      }),
    );
    await using server = await serve({});
    const work = async (name: string): Promise<void> => {
      await using executor = await connect(server.url);
      await Promise.all(
        files.map(async ({ path, data, sha: expected }, index) => {
          const copy = folder.join(`${name}-${index}`);
          const writer = executor.fs.createWriteStream(copy).getWriter();
          const writing = writer.write(data).then(() => writer.close());
          const seen = [shaOfOutput(executor, path, index % 2 === 0), shaOfFile(executor, path)];
          expect(await Promise.all(seen)).toEqual([expected, expected]);
          await writing;
          expect(sha(await readFile(copy))).toBe(expected);
        }),
      );
    };
    await Promise.all([work("a"), work("b")]);
  };
  const name = "mixes nothing up: output, blocks read and blocks written, of two clients at once, files of %i MiB";
  test.each([8])(name, mixesNothingUp);
  test.each([24])(name, { tags: "long" }, mixesNothingUp);
});
