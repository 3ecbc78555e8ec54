import { randomUUID } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ThreadReadState } from "@holdfast/app-server-protocol";
import { underFileLock } from "@holdfast/rpc/file-lock";
import { isRecord } from "../../steps/is-record.ts";
import type { GitState } from "../rollout/thread-meta.ts";

const FILE = "thread_marks.jsonl";
/** Bytes from which on a file is written anew with what counts alone, if that is less than half of it. */
const COMPACT_BYTES = 262_144;

/** What is kept about a thread beside its file, because it is no part of the conversation. */
export interface ThreadMark {
  /** In the place of what its file says. Null: nothing is known. */
  readonly git?: GitState | null | undefined;
  readonly daybreakEnabled?: boolean | undefined;
  /** Undefined: no turn has ended yet. */
  readonly readState?: ThreadReadState | undefined;
}

/** What people mark threads with: one file for all of a home, of which the last line about a thread counts. */
export class ThreadMarks {
  readonly #home: string;
  readonly #path: string;
  #marks: Map<string, ThreadMark> | undefined;
  #version: string | undefined;
  #pending: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(home: string) {
    this.#home = home;
    this.#path = join(home, FILE);
  }

  /** By ids of threads. */
  async all(): Promise<ReadonlyMap<string, ThreadMark>> {
    const version = await this.#fileVersion();
    if (this.#marks !== undefined && (version === this.#version || this.#writing !== undefined)) return this.#marks;
    const marks = version === undefined ? new Map<string, ThreadMark>() : marksOf(await readFile(this.#path, "utf8"));
    this.#version = version;
    this.#marks = marks;
    return marks;
  }

  async of(threadId: string): Promise<ThreadMark> {
    return (await this.all()).get(threadId) ?? {};
  }

  /** Members that are given take the place of those that are there. @throws Error - It can not be written. */
  async set(threadId: string, change: ThreadMark): Promise<void> {
    this.#marks ??= new Map();
    const mark = { ...this.#marks.get(threadId), ...change };
    this.#marks.set(threadId, mark);
    await this.#write(lineOf(threadId, mark));
  }

  /** A thread is gone. */
  async forget(threadId: string): Promise<void> {
    if (!(await this.all()).has(threadId)) return;
    this.#marks?.delete(threadId);
    await this.#write(`${JSON.stringify({ id: threadId })}\n`);
  }

  /**
   * A turn has ended that nobody has read yet. What cannot be written is known until the end of this program.
   *
   * @returns what holds from now on.
   */
  turnEnded(threadId: string, turnId: string): ThreadReadState {
    const { firstUnread } = this.#marks?.get(threadId)?.readState ?? {};
    const readState = { firstUnread: firstUnread ?? ({ type: "turn", turnId } as const), revision: randomUUID() };
    this.set(threadId, { readState }).catch(() => {});
    return readState;
  }

  /** Settles when what was set is written. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => {});
  }

  #write(line: string): Promise<void> {
    this.#pending.push(line);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    await mkdir(this.#home, { recursive: true, mode: 0o700 });
    while (this.#pending.length > 0) {
      const lines = this.#pending.join("");
      this.#pending = [];
      await underFileLock(join(this.#home, `.${FILE}.lock`), {}, async () => {
        await appendFile(this.#path, lines, { mode: 0o600 });
        await this.#compact();
      });
    }
    this.#version = await this.#fileVersion();
  }

  async #compact(): Promise<void> {
    const { size } = await stat(this.#path);
    if (size < COMPACT_BYTES) return;
    const text = [...marksOf(await readFile(this.#path, "utf8"))].map(([id, mark]) => lineOf(id, mark)).join("");
    if (Buffer.byteLength(text) * 2 > size) return;
    const aside = `${this.#path}.${randomUUID()}`;
    try {
      await writeFile(aside, text, { mode: 0o600, flag: "wx" });
      await rename(aside, this.#path);
    } finally {
      await rm(aside, { force: true });
    }
  }

  async #fileVersion(): Promise<string | undefined> {
    try {
      const { size, mtimeMs, ino } = await stat(this.#path);
      return `${ino}:${size}:${mtimeMs}`;
    } catch {
      return undefined;
    }
  }
}

function lineOf(id: string, { git, daybreakEnabled, readState }: ThreadMark): string {
  return `${JSON.stringify({ id, git, daybreakEnabled, readState })}\n`;
}

function marksOf(text: string): Map<string, ThreadMark> {
  const marks = new Map<string, ThreadMark>();
  for (const line of text.split("\n")) {
    try {
      const entry: unknown = JSON.parse(line);
      if (!isRecord(entry) || typeof entry.id !== "string") continue;
      const { id, ...mark } = entry;
      if (Object.keys(mark).length === 0) marks.delete(id);
      else marks.set(id, mark as ThreadMark);
    } catch {
      // A line that was cut, or the end.
    }
  }
  return marks;
}
