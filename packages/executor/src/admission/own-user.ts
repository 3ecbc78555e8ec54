import { readFileSync } from "node:fs";

const ALL_USERS = /^\s*0\s+0\s+4294967295\s*$/;

/**
 * The user that this process acts as, if its id means one user only. Inside a user namespace, all users who have no id there share
 * one, and a process may itself have that.
 *
 * @returns `undefined` when that is so, and where there are no users.
 */
export function ownUser(): number | undefined {
  const uid = process.geteuid?.();
  return uid === undefined || (uid === sharedUid() && !hasAllUsers()) ? undefined : uid;
}

function sharedUid(): number {
  const text = textOf("/proc/sys/kernel/overflowuid");
  return text === undefined ? 65_534 : Number(text);
}

function hasAllUsers(): boolean {
  return ALL_USERS.test(textOf("/proc/self/uid_map") ?? "");
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
