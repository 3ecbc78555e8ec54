import { readlinkSync } from "node:fs";
import { isGone } from "../platform/process-identity.ts";

/**
 * What the names of the groups begin with that executors in this process namespace make: others may share the folder, and process
 * ids of theirs mean nothing here.
 */
export function groupPrefix(): string {
  return `holdfast-${/\d+/.exec(namespaceName())?.[0] ?? "0"}-`;
}

/** What the names of the groups begin with that a process makes; a number follows. */
export function groupPrefixOf(identity: string): string {
  return `${groupPrefix()}${identity}.`;
}

/** Whether a name is that of a group whose executor is gone. */
export function isAbandoned(name: string, prefix: string = groupPrefix()): boolean {
  if (!name.startsWith(prefix)) return false;
  const [, pid, start] = /^(\d+)\.(\d+)\.\d+$/.exec(name.slice(prefix.length)) ?? [];
  return pid !== undefined && isGone(`${pid}.${start}`);
}

function namespaceName(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
