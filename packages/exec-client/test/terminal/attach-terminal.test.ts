import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { attachTerminal, followTerminalSize, terminalSizeOf } from "../../src/terminal/index.ts";
import { connected, settle, text } from "../support/connected.ts";
import { type Handler, LINUX_INFO } from "../support/fake-exec-server.ts";

const OURS = { ...LINUX_INFO, capabilities: { holdfastOutputHold: true, holdfastProcessControl: true } };

/** A terminal that remembers what was done to it. */
class FakeTerminal {
  readonly shown: string[] = [];
  readonly modes: boolean[] = [];
  writeError: Error | undefined;
  readonly stdin = Object.assign(new EventEmitter(), {
    isTTY: true,
    isRaw: false,
    isReading: false,
    setRawMode: (isRaw: boolean) => {
      this.stdin.isRaw = isRaw;
      this.modes.push(isRaw);
    },
    pause: () => {
      this.stdin.isReading = false;
    },
    resume: () => {
      this.stdin.isReading = true;
    },
  });
  readonly stdout = Object.assign(new EventEmitter(), {
    rows: 40,
    columns: 120,
    write: (data: Uint8Array, done: (error?: Error | null) => void) => {
      this.shown.push(text(data));
      queueMicrotask(() => done(this.writeError));
    },
  });

  /** Whether it is as it was before. */
  get isFree(): boolean {
    const listeners = [...this.stdin.eventNames(), ...this.stdout.eventNames()];
    return listeners.length === 0 && !this.stdin.isRaw && !this.stdin.isReading;
  }
}

async function inFront(handlers: Record<string, Handler> = {}) {
  const line = await connected({
    initialize: () => ({ sessionId: "session-1", environmentInfo: OURS }),
    "holdfast/resizeTerminal": () => ({}),
    "holdfast/closeStdin": () => ({ status: "accepted" }),
    ...handlers,
  });
  const process = await line.executor.processes.start({ argv: ["sh"], tty: true });
  return Object.assign(line, { process, terminal: new FakeTerminal() });
}

function keys(writes: readonly Record<string, unknown>[]): string {
  return writes.map(({ chunk }) => Buffer.from(String(chunk), "base64").toString()).join("");
}

describe("attachTerminal", () => {
  test("shows nothing more once it was let go of", async () => {
    await using line = await inFront();
    const { process, terminal, server } = line;
    const leaving = new AbortController();
    const left = attachTerminal(process, terminal, { signal: leaving.signal });
    await settle();
    server.output(process.id, 1, "before", "pty");
    await settle();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    server.output(process.id, 2, "behind", "pty");
    await settle();
    expect(terminal.shown).toEqual(["before"]);
  });

  test("passes every key on, shows all output, and tells how it ended", async () => {
    await using line = await inFront();
    const { process, terminal, server } = line;
    const ended = attachTerminal(process, terminal);
    await settle();
    expect(terminal.modes).toEqual([true]);
    terminal.stdin.emit("data", Buffer.from("ls"));
    terminal.stdin.emit("data", "\u0003");
    server.output(process.id, 1, "$ ", "pty");
    server.output(process.id, 2, "ls", "pty");
    await settle();
    expect(keys(server.of("process/write"))).toBe("ls\u0003");
    expect(terminal.shown).toEqual(["$ ", "ls"]);
    server.exited(process.id, 3, 7);
    server.finished(process.id, 4);
    expect(await ended).toEqual({ exitCode: 7, sandboxDenied: false });
    expect([terminal.modes, terminal.isFree]).toEqual([[true, false], true]);
  });

  test("has the size of the terminal here, from now on; of changes in a row the last counts", async () => {
    const answers: (() => void)[] = [];
    await using line = await inFront({
      "holdfast/resizeTerminal": () => new Promise((resolve) => answers.push(() => resolve({}))),
    });
    const { process, terminal, server } = line;
    const ended = attachTerminal(process, terminal);
    await settle();
    for (const rows of [41, 42, 43]) {
      terminal.stdout.rows = rows;
      terminal.stdout.emit("resize");
    }
    answers[0]?.();
    await settle();
    answers[1]?.();
    await settle();
    expect(server.of("holdfast/resizeTerminal").map(({ rows }) => rows)).toEqual([40, 43]);
    server.exited(process.id, 1);
    server.finished(process.id, 2);
    await ended;
    terminal.stdout.emit("resize");
    expect(server.of("holdfast/resizeTerminal")).toHaveLength(2);
  });

  test("does not read a terminal whose keys nobody takes", async () => {
    const answers: (() => void)[] = [];
    await using line = await inFront({
      "process/write": () => new Promise((resolve) => answers.push(() => resolve({ status: "accepted" }))),
    });
    const { process, terminal, server } = line;
    terminal.stdin.resume();
    const ended = attachTerminal(process, terminal);
    await settle();
    terminal.stdin.emit("data", "x".repeat(65_536));
    expect(terminal.stdin.isReading).toBe(true);
    terminal.stdin.emit("data", "y");
    expect(terminal.stdin.isReading).toBe(false);
    for (let turn = 0; turn < 2; turn += 1) {
      await settle();
      answers.shift()?.();
    }
    await settle();
    expect(terminal.stdin.isReading).toBe(true);
    server.exited(process.id, 1);
    server.finished(process.id, 2);
    await ended;
  });

  test("tells the end of an input that is no terminal, and leaves its mode alone", async () => {
    await using line = await inFront();
    const { process, terminal, server } = line;
    terminal.stdin.isTTY = false;
    const ended = attachTerminal(process, terminal);
    await settle();
    terminal.stdin.emit("data", "ls\n");
    terminal.stdin.emit("end");
    await settle();
    expect(keys(server.of("process/write"))).toBe("ls\n\u0004");
    server.exited(process.id, 1);
    server.finished(process.id, 2);
    await ended;
    expect(terminal.modes).toEqual([]);
  });

  test.each([
    ["the line is lost", ({ server }: Awaited<ReturnType<typeof inFront>>) => server.hangUp(), { name: "LinkError" }],
    [
      "the terminal is gone",
      ({ server, terminal, process }: Awaited<ReturnType<typeof inFront>>) => {
        terminal.writeError = new Error("EIO");
        server.output(process.id, 1, "a", "pty");
      },
      { message: "EIO" },
    ],
  ])("gives the terminal back when %s", async (_, happens, error) => {
    await using line = await inFront();
    const ended = attachTerminal(line.process, line.terminal);
    const failed = expect(ended).rejects.toMatchObject(error);
    await settle();
    happens(line);
    await failed;
    expect(line.terminal.isFree).toBe(true);
  });

  test("lets go by its signal: the terminal is given back, and the process runs on", async () => {
    await using line = await inFront();
    const { process, terminal, server } = line;
    const controller = new AbortController();
    const ended = attachTerminal(process, terminal, { signal: controller.signal });
    const failed = expect(ended).rejects.toMatchObject({ name: "AbortError" });
    await settle();
    controller.abort();
    await failed;
    expect(terminal.isFree).toBe(true);
    await settle();
    expect(server.of("process/terminate")).toEqual([]);
    const before = attachTerminal(process, terminal, { signal: AbortSignal.abort() });
    await expect(before).rejects.toMatchObject({ name: "AbortError" });
    expect(terminal.modes).toEqual([true, false]);
  });
});

describe("following the size of a terminal", () => {
  test("stops at an executor that can not", async () => {
    const { stdout } = new FakeTerminal();
    let asked = 0;
    const resize = async (): Promise<void> => {
      asked += 1;
      throw new Error("unsupported");
    };
    using _following = followTerminalSize({ resize }, stdout);
    await settle();
    stdout.rows = 41;
    stdout.emit("resize");
    await settle();
    expect([asked, stdout.listenerCount("resize")]).toEqual([1, 0]);
  });

  test("asks for nothing that is so already", async () => {
    const { stdout } = new FakeTerminal();
    const asked: unknown[] = [];
    const resize = async (size: unknown): Promise<void> => void asked.push(size);
    using _following = followTerminalSize({ resize }, stdout, { rows: 40, columns: 120 });
    await settle();
    stdout.emit("resize");
    stdout.columns = 100;
    stdout.emit("resize");
    await settle();
    expect(asked).toEqual([{ rows: 40, columns: 100 }]);
  });

  test("what is no terminal, or has no size, has none", () => {
    expect([terminalSizeOf({}), terminalSizeOf({ rows: 0, columns: 0 })]).toEqual([undefined, undefined]);
    expect(terminalSizeOf({ rows: 1, columns: 2 })).toEqual({ rows: 1, columns: 2 });
  });
});
