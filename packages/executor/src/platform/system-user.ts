import { type CFunction, inThread, lazily } from "./c-library.ts";

/** A user as the machine's directory of users has it: files, LDAP, or whatever else it is set up with. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All that the user is in, `gid` included. */
  readonly groups: readonly number[];
  readonly home: string;
  readonly shell: string;
}

/** `struct passwd` on 64-bit Linux: where its members lie. */
const ENTRY = { bytes: 48, name: 0, uid: 16, gid: 20, home: 32, shell: 40 } as const;
const POINTER_BYTES = 8;
/** For the texts of one entry. */
const TEXT_BYTES = 64 * 1024;
/** What Linux takes. */
const MAX_GROUPS = 65_536;
const DIGITS = /^\d{1,10}$/;
const MAX_ID = 0xffff_fffe;

const functions = lazily((library) => ({
  byName: library.func("int getpwnam_r(const char *name, void *entry, void *texts, size_t size, void *found)"),
  byId: library.func("int getpwuid_r(unsigned int uid, void *entry, void *texts, size_t size, void *found)"),
  groupsOf: library.func("int getgrouplist(const char *name, unsigned int gid, void *groups, void *count)"),
  addressOf: library.addressOf,
}));

/** True where {@link findUser} can look. */
export function canFindUsers(): boolean {
  return functions() !== undefined;
}

/**
 * A user by name, or by the digits of the user id. Other work goes on meanwhile: a directory may be far away.
 *
 * @returns undefined when there is none.
 */
export async function findUser(nameOrId: string): Promise<SystemUser | undefined> {
  const calls = functions();
  if (calls === undefined || nameOrId === "" || nameOrId.includes("\0")) return undefined;
  const named = await lookUp(calls.byName, nameOrId);
  if (named !== undefined || !DIGITS.test(nameOrId) || Number(nameOrId) > MAX_ID) return named;
  return lookUp(calls.byId, Number(nameOrId));
}

async function lookUp(find: CFunction, key: string | number): Promise<SystemUser | undefined> {
  const calls = functions();
  if (calls === undefined) return undefined;
  const [entry, texts, found] = [Buffer.alloc(ENTRY.bytes), Buffer.alloc(TEXT_BYTES), Buffer.alloc(POINTER_BYTES)];
  const errno = await inThread(find, key, entry, texts, TEXT_BYTES, found);
  if (errno !== 0 || found.readBigUInt64LE() === 0n) return undefined;
  const start = calls.addressOf(texts);
  // A directory's module may point to a text of its own for what it knows nothing of.
  const text = (member: number): string => {
    const at = Number(entry.readBigUInt64LE(member) - start);
    return at < 0 || at >= TEXT_BYTES ? "" : texts.toString("utf8", at, texts.indexOf(0, at));
  };
  const [name, uid, gid] = [text(ENTRY.name), entry.readUInt32LE(ENTRY.uid), entry.readUInt32LE(ENTRY.gid)];
  if (name === "") return undefined;
  const groups = await groupsOf(calls.groupsOf, name, gid);
  return { name, uid, gid, groups, home: text(ENTRY.home), shell: text(ENTRY.shell) };
}

/** @throws RangeError for more than the system takes. */
async function groupsOf(list: CFunction, name: string, gid: number): Promise<readonly number[]> {
  const count = new Int32Array([MAX_GROUPS]);
  const groups = new Uint32Array(MAX_GROUPS);
  const status = await inThread(list, name, gid, groups, count);
  if (status < 0) throw new RangeError(`user ${name} is in more than ${MAX_GROUPS} groups`);
  return [...groups.subarray(0, count[0])];
}
