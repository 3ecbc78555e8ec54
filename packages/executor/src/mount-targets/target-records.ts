import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processIdentity } from "../platform/process-identity.ts";

const TARGET = "target";

/** A target that some executor made. */
export interface TargetRecord {
  readonly path: string;
  readonly kind: "directory" | "file";
  /** Device and inode. */
  readonly identity: string;
}

/**
 * The records that all executors of a user share: for each target its identity and, as one file each, its living users. To be
 * used while the folders are locked. What ended executors left counts for nothing.
 */
export class TargetRecords {
  readonly #folders: readonly string[];
  /** Names of what is in each folder: no other process changes it while it is locked. */
  readonly #names = new Map<string, Set<string>>();

  /** @param folders - At least one; new records go to the first. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** What is on record for a path. */
  record(path: string): TargetRecord | undefined {
    return firstOf(this.#entries(path), read);
  }

  /** Put a target on record, with the one who has made it as its first user. */
  add(record: TargetRecord, user: string): void {
    this.forget(record.path);
    const [folder = ""] = this.#folders;
    const name = nameOf(record.path);
    const entry = join(folder, name);
    mkdirSync(entry, { mode: 0o700 });
    this.#namesIn(folder).add(name);
    writeFileSync(join(entry, TARGET), JSON.stringify(record), { mode: 0o600 });
    writeFileSync(join(entry, user), "", { mode: 0o600 });
  }

  forget(path: string): void {
    const name = nameOf(path);
    for (const folder of this.#folders) {
      if (this.#namesIn(folder).delete(name)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  /** The path must be on record. */
  addUser(path: string, user: string): void {
    writeFileSync(join(this.#entry(path) ?? "", user), "", { mode: 0o600 });
  }

  /** @returns whether an executor that lives needs it still. */
  removeUser(path: string, user: string): boolean {
    const others = this.#entries(path).flatMap((entry) => {
      const names = namesIn(entry);
      if (names.includes(user)) unlinkSync(join(entry, user));
      return names.filter((name) => name !== user);
    });
    return others.some(isLivingUser);
  }

  /** Every record without a living user. */
  abandoned(): readonly TargetRecord[] {
    const entries = this.#folders.flatMap((folder) => [...this.#namesIn(folder)].map((name) => join(folder, name)));
    return entries.flatMap((entry) => read(entry) ?? []).filter(({ path }) => !this.#isUsed(path));
  }

  #isUsed(path: string): boolean {
    return this.#entries(path).flatMap(namesIn).some(isLivingUser);
  }

  #entry(path: string): string | undefined {
    return this.#entries(path).find((entry) => read(entry) !== undefined);
  }

  /** What there is for a path, also of an executor that was killed before it was whole. */
  #entries(path: string): readonly string[] {
    const name = nameOf(path);
    return this.#folders.flatMap((folder) => (this.#namesIn(folder).has(name) ? [join(folder, name)] : []));
  }

  #namesIn(folder: string): Set<string> {
    const known = this.#names.get(folder);
    if (known !== undefined) return known;
    const names = new Set(namesIn(folder));
    this.#names.set(folder, names);
    return names;
  }
}

function firstOf<Each, Found>(all: readonly Each[], find: (each: Each) => Found | undefined): Found | undefined {
  for (const each of all) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nameOf(path: string): string {
  return createHash("sha256").update(path).digest("hex");
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(entry: string): TargetRecord | undefined {
  try {
    const { path, kind, identity } = JSON.parse(readFileSync(join(entry, TARGET), "utf8")) as TargetRecord;
    const isValid = typeof path === "string" && typeof identity === "string" && entry.endsWith(`/${nameOf(path)}`);
    return isValid && (kind === "directory" || kind === "file") ? { path, kind, identity } : undefined;
  } catch {
    // Missing, or half-written by an executor that was killed.
    return undefined;
  }
}

/** Users are named `PID.START.NUMBER`; what else is in an entry is no user. */
function isLivingUser(user: string): boolean {
  if (user === TARGET) return false;
  const [pid = "", start = ""] = user.split(".");
  return processIdentity(Number(pid)) === `${pid}.${start}`;
}
