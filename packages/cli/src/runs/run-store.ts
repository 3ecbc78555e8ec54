import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Context } from "../command-line/context.ts";
import { isRecordableId, parseRunRecord, type RunRecord } from "./run-record.ts";

const SUFFIX = ".json";

/** Every record that could be read, oldest first, and the names of the files that hold none. */
export interface RunList {
  readonly records: readonly RunRecord[];
  readonly unreadable: readonly string[];
}

/** The records of the runs that were left running from this machine, one file each, for this user only. */
export class RunStore {
  readonly folder: string;

  constructor({ env }: Pick<Context, "env">) {
    const { XDG_STATE_HOME: state, HOME: home } = env;
    const base = state !== undefined && isAbsolute(state) ? state : join(home || homedir(), ".local", "state");
    this.folder = join(base, "holdfast", "runs");
  }

  /** Whole under its final name, or not at all. @throws the system's error. */
  async save(record: RunRecord): Promise<void> {
    if (!isRecordableId(record.id)) throw new Error(`${JSON.stringify(record.id)} is no name for a file`);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    // It may be there already with other permissions, and an id is all that it takes to take up a run.
    await chmod(this.folder, 0o700);
    const aside = join(this.folder, `.${randomUUID()}`);
    try {
      await writeFile(aside, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flag: "wx" });
      await rename(aside, this.#pathOf(record.id));
    } catch (error) {
      await rm(aside, { force: true }).catch(() => {});
      throw error;
    }
  }

  async list(): Promise<RunList> {
    const names = await readdir(this.folder).catch(() => []);
    const records: RunRecord[] = [];
    const unreadable: string[] = [];
    for (const name of names.filter((each) => each.endsWith(SUFFIX) && !each.startsWith("."))) {
      const text = await readFile(join(this.folder, name), "utf8").catch(() => "");
      const record = parseRunRecord(text);
      if (record !== undefined && name === record.id + SUFFIX) records.push(record);
      else unreadable.push(name);
    }
    records.sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
    return { records, unreadable };
  }

  /** Forget a run. A record that can not be removed is shown once more, which is no harm. */
  async remove(id: string): Promise<void> {
    if (isRecordableId(id)) await rm(this.#pathOf(id), { force: true }).catch(() => {});
  }

  #pathOf(id: string): string {
    return join(this.folder, id + SUFFIX);
  }
}
