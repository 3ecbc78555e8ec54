import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isGone } from "../platform/process-identity.ts";

/** A target that some executor made. */
export interface TargetRecord {
  readonly path: string;
  readonly kind: "directory" | "file";
  /** Device and inode. */
  readonly identity: string;
}

/** As it is kept: who needs the target, named `PID.START.NUMBER`. */
interface KeptRecord extends TargetRecord {
  readonly users: readonly string[];
}

const FILE = { mode: 0o600 } as const;
/** Ends the name of a record that is to take the place of another. */
const HALF_MADE = ".new";

/**
 * The records that all executors of a user share: one file for each target, with its identity and its users. To be used while the
 * folders are locked. Users that ended count for nothing.
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
    return this.#find(path)?.kept;
  }

  /** Put a target on record, with the one who has made it as its first user. */
  add(record: TargetRecord, user: string): void {
    this.forget(record.path);
    const [folder = ""] = this.#folders;
    const name = nameOf(record.path);
    this.#namesIn(folder).add(name);
    writeFileSync(join(folder, name), JSON.stringify({ ...record, users: [user] }), FILE);
  }

  forget(path: string): void {
    const name = nameOf(path);
    for (const folder of this.#folders) {
      if (this.#namesIn(folder).delete(name)) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }

  /** The path must be on record. */
  addUser(path: string, user: string): void {
    const found = this.#find(path);
    if (found !== undefined) replace(found.place, { ...found.kept, users: [...living(found.kept, user), user] });
  }

  /** @returns the record, when no executor that lives needs the target any more; it is to be taken away and forgotten then. */
  removeUser(path: string, user: string): TargetRecord | undefined {
    const found = this.#find(path);
    if (found === undefined) return undefined;
    const users = living(found.kept, user);
    if (users.length === 0) return found.kept;
    replace(found.place, { ...found.kept, users });
    return undefined;
  }

  /** Remove what executors left that were killed while they changed a record. */
  removeHalfMade(): void {
    for (const folder of this.#folders) {
      for (const name of this.#namesIn(folder))
        if (name.endsWith(HALF_MADE)) rmSync(join(folder, name), { force: true });
    }
  }

  /** Every record without a living user. */
  abandoned(): readonly TargetRecord[] {
    const places = this.#folders.flatMap((folder) => [...this.#namesIn(folder)].map((name) => join(folder, name)));
    return places.flatMap((place) => read(place) ?? []).filter((kept) => living(kept).length === 0);
  }

  #find(path: string): { readonly place: string; readonly kept: KeptRecord } | undefined {
    const name = nameOf(path);
    for (const folder of this.#folders) {
      if (!this.#namesIn(folder).has(name)) continue;
      const place = join(folder, name);
      const kept = read(place);
      if (kept !== undefined) return { place, kept };
    }
    return undefined;
  }

  #namesIn(folder: string): Set<string> {
    const known = this.#names.get(folder);
    if (known !== undefined) return known;
    const names = new Set(namesIn(folder));
    this.#names.set(folder, names);
    return names;
  }
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

/** An executor that is killed meanwhile leaves the old one or the new one: other executors stand in it. */
function replace(place: string, kept: KeptRecord): void {
  const made = `${place}${HALF_MADE}`;
  writeFileSync(made, JSON.stringify(kept), FILE);
  renameSync(made, place);
}

function read(place: string): KeptRecord | undefined {
  try {
    const { path, kind, identity, users } = JSON.parse(readFileSync(place, "utf8")) as KeptRecord;
    const isValid = typeof path === "string" && typeof identity === "string" && place.endsWith(`/${nameOf(path)}`);
    const hasUsers = Array.isArray(users) && users.every((user) => typeof user === "string");
    return isValid && hasUsers && (kind === "directory" || kind === "file")
      ? { path, kind, identity, users }
      : undefined;
  } catch {
    // Missing, or half-written by an executor that was killed.
    return undefined;
  }
}

/** Users whose executor lives, but for one. */
function living({ users }: KeptRecord, except?: string): readonly string[] {
  return users.filter((user) => user !== except && isLiving(user));
}

function isLiving(user: string): boolean {
  return !isGone(user.slice(0, user.lastIndexOf(".")));
}
