import { createHash } from "node:crypto";
import { access, readFile, writeFile } from "node:fs/promises";
import { connect, type Executor, type RunningProcess } from "@holdfast/exec-client";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { everyByte, serve } from "../support/cli.ts";

const MIB = 1024 * 1024;
const CONTENT_BYTES = 40 * MIB;
/** Bytes after which the reader does something else for a while. */
const STEP_BYTES = MIB;
const ECHOES = 40;

function sha(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** A terminal that says what is said to it. */
class Terminal {
  readonly #process: RunningProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(process: RunningProcess) {
    this.#process = process;
    this.#reader = process.stdout.getReader();
  }

  static async on(executor: Executor): Promise<Terminal> {
    return new Terminal(await executor.processes.start({ argv: ["sh", "-c", "stty -echo; exec cat"], tty: true }));
  }

  async echo(text: string): Promise<void> {
    await this.#process.write(`${text}\n`);
    for (let heard = ""; !heard.includes(text); ) heard += Buffer.from((await this.#reader.read()).value ?? []);
  }
}

/** Reads everything, and after each step waits for what the test does in between. */
async function readSlowly(
  stream: ReadableStream<Uint8Array>,
  between: (step: number) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  let step = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.byteLength;
    if (bytes < (step + 1) * STEP_BYTES) continue;
    step = Math.floor(bytes / STEP_BYTES);
    await between(step);
  }
  return hash.digest("hex");
}

describe.skipIf(process.platform !== "linux")("a slow reader of what a process prints", () => {
  test("gets every byte, the process waits for it, and another one answers meanwhile", async () => {
    await using folder = await tempDir();
    const content = everyByte(CONTENT_BYTES);
    await writeFile(folder.join("content"), content);
    await using server = await serve();
    await using executor = await connect(server.url);
    const terminal = await Terminal.on(executor);
    await terminal.echo("ready");
    const before = { server: await residentMiB(server.child.pid), client: await residentMiB(process.pid) };
    const script = `cat ${folder.join("content")}; : > ${folder.join("done")}`;
    await using printer = await executor.processes.start({ argv: ["sh", "-c", script] });
    const seen: boolean[] = [];
    const read = readSlowly(printer.stdout, async (step) => {
      for (let round = 0; round < (step === 1 ? ECHOES : 1); round += 1) await terminal.echo(`${step}:${round};`);
      if (step === 1) seen.push(await exists(folder.join("done")));
    });
    expect(await read).toBe(sha(content));
    expect(seen).toEqual([false]);
    expect((await residentMiB(server.child.pid)) - before.server).toBeLessThan(64);
    expect((await residentMiB(process.pid)) - before.client).toBeLessThan(128);
    expect(await printer.closed).toMatchObject({ exitCode: 0 });
  });

  test("loses nothing to a line that is lost while the process waits", async () => {
    await using folder = await tempDir();
    const content = everyByte(CONTENT_BYTES);
    await writeFile(folder.join("content"), content);
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    await using executor = await connect(line.url);
    await using printer = await executor.processes.start({ argv: ["cat", folder.join("content")] });
    let cuts = 0;
    const read = readSlowly(printer.stdout, async (step) => {
      if (step % 8 !== 1) return;
      // What was on its way has arrived, and the process waits: only then nothing of it is on the line.
      const quiet = await untilQuiet(line);
      if (quiet >= CONTENT_BYTES) return;
      line.cut();
      cuts += 1;
      await until(() => executor.state === "connected" && line.openCount === 1);
    });
    expect(await read).toBe(sha(content));
    expect(cuts).toBeGreaterThanOrEqual(2);
    expect(await printer.closed).toMatchObject({ exitCode: 0 });
  });

  test("of two processes loses nothing of either, and may leave one of them unread", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const start = () => executor.processes.start({ argv: ["sh", "-c", "yes | head -c 30000000"] });
    await using unread = await start();
    await using other = await start();
    const kept = unread.stdout;
    let bytes = 0;
    for await (const chunk of other.stdout) bytes += chunk.byteLength;
    expect(bytes).toBe(30_000_000);
    bytes = 0;
    for await (const chunk of kept) bytes += chunk.byteLength;
    expect(bytes).toBe(30_000_000);
  });
});

/** Bytes that have come down the line, once no more come. */
async function untilQuiet(line: BadLine): Promise<number> {
  let last = -1;
  let same = 0;
  await until(() => {
    const now = line.bytesOf("down");
    same = now === last ? same + 1 : 0;
    last = now;
    return same === 20;
  });
  return last;
}
