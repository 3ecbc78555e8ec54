import { appendFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isRecord } from "../../steps/is-record.ts";

const FILE = "session_index.jsonl";

/** Names that people have given to threads: one file for all, of which the last line about a thread counts. */
export class SessionNames {
  readonly #path: string;
  #read: { readonly version: string; readonly names: ReadonlyMap<string, string> } | undefined;

  constructor(home: string) {
    this.#path = join(home, FILE);
  }

  /** By ids of threads. Empty when the file is not there. */
  async all(): Promise<ReadonlyMap<string, string>> {
    const version = await this.#version();
    if (version === undefined) return new Map();
    if (this.#read?.version !== version) this.#read = { version, names: namesOf(await readFile(this.#path, "utf8")) };
    return this.#read.names;
  }

  /** @throws Error - It can not be written. */
  async set(threadId: string, name: string): Promise<void> {
    const line = { id: threadId, thread_name: name, updated_at: new Date().toISOString() };
    await appendFile(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  async #version(): Promise<string | undefined> {
    try {
      const { size, mtimeMs, ino } = await stat(this.#path);
      return `${ino}:${size}:${mtimeMs}`;
    } catch {
      return undefined;
    }
  }
}

function namesOf(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    try {
      const entry: unknown = JSON.parse(line);
      if (isRecord(entry) && typeof entry.id === "string" && typeof entry.thread_name === "string") {
        names.set(entry.id, entry.thread_name);
      }
    } catch {
      // A line that was cut, or the end.
    }
  }
  return names;
}
