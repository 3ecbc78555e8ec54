import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { newestFirst } from "../guardian/index.ts";
import { isExhaustion } from "../platform/os-error.ts";
import { ownPid, statusOf } from "./process-status.ts";

/** Processes that are looked at in one turn of the event loop. */
const PROCESSES_PER_TURN = 10;
/** A look at all processes of a machine takes some ten milliseconds. */
const GIVE_UP_MS = 5_000;

/**
 * Who has a socket. `confined`: also, or only, a process that lives in a process namespace other than ours, as all that is confined
 * does. `self`: this process, for its own purposes or on behalf of a client. `free`: only other processes of our own namespace.
 * `hidden`: it was not found; `strangers` tells whether a process of that user was seen that lives in another namespace and may
 * share our network.
 */
export type SocketHolder =
  | { readonly kind: "free"; readonly pid: number }
  | { readonly kind: "self" }
  | { readonly kind: "confined" }
  | { readonly kind: "hidden"; readonly strangers: boolean };

export interface HolderSearch {
  readonly inode: number;
  /** Whose processes are looked at. */
  readonly uid: number;
  /** `first`: the first holder found counts. `all`: no other process may have it either. */
  readonly effort: "first" | "all";
  /** Processes that are looked at before the others: they had sockets before. */
  readonly acquaintances?: readonly number[] | undefined;
}

/** Whether {@link findHolder} can find any process here. */
export function canFindHolders(): boolean {
  return namespaceOf("self", "pid") !== undefined && descriptorsOf("self") !== undefined;
}

/**
 * Look for a socket in the descriptors of all processes of a user, the youngest first: a connecting process is often young.
 *
 * @throws the system's error (or rejects with it) when it has nothing left to look with.
 */
export async function findHolder(search: HolderSearch): Promise<SocketHolder> {
  const { inode, uid, effort, acquaintances = [] } = search;
  const own = { pid: ownPid(), processes: namespaceOf("self", "pid"), network: namespaceOf("self", "net") };
  const depth = (statusOf("self")?.depth ?? 0) || 1;
  const link = `socket:[${inode}]`;
  const endMs = performance.now() + GIVE_UP_MS;
  let free: number | undefined;
  let strangers = false;
  for (const [index, pid] of [...acquaintances, ...newestFirst()].entries()) {
    if (index % PROCESSES_PER_TURN === PROCESSES_PER_TURN - 1) {
      await nextTurn();
      if (performance.now() > endMs) return { kind: "hidden", strangers: true };
    }
    const status = statusOf(pid);
    if (status === undefined || status.uid !== uid) continue;
    strangers ||= status.depth !== depth && [undefined, own.network].includes(namespaceOf(pid, "net"));
    if (!(descriptorsOf(pid) ?? []).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === link)) continue;
    if (pid === own.pid) return { kind: "self" };
    if (namespaceOf(pid, "pid") !== own.processes) return { kind: "confined" };
    free = pid;
    if (effort === "first") break;
  }
  return free === undefined ? { kind: "hidden", strangers } : { kind: "free", pid: free };
}

function namespaceOf(pid: number | "self", kind: "pid" | "net"): string | undefined {
  return linkOf(`/proc/${pid}/ns/${kind}`);
}

function descriptorsOf(pid: number | "self"): readonly string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch (thrown) {
    return unlessExhausted(thrown);
  }
}

/** That nothing could be seen must not pass for an empty list. */
function unlessExhausted(thrown: unknown): undefined {
  if (isExhaustion(thrown)) throw thrown;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
