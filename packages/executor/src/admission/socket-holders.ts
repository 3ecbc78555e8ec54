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

/** A search that is not over. */
interface Wanted {
  readonly search: HolderSearch;
  /** As a descriptor of it is called. */
  readonly link: string;
  readonly settle: (holder: SocketHolder) => void;
  readonly fail: (thrown: unknown) => void;
  free: number | undefined;
  strangers: boolean;
}

let waiting: Wanted[] = [];
let isLooking = false;

/**
 * Look for a socket in the descriptors of all processes of a user, the youngest first: a connecting process is often young. One look
 * serves all that have asked before it: after an outage every client comes at once.
 *
 * @throws the system's error (or rejects with it) when it has nothing left to look with.
 */
export function findHolder(search: HolderSearch): Promise<SocketHolder> {
  return new Promise((settle, fail) => {
    waiting.push({ search, link: `socket:[${search.inode}]`, settle, fail, free: undefined, strangers: false });
    if (!isLooking) void lookForAll();
  });
}

async function lookForAll(): Promise<void> {
  isLooking = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    try {
      await look(batch);
    } catch (thrown) {
      for (const { fail } of batch) fail(thrown);
    }
  }
  isLooking = false;
}

async function look(batch: readonly Wanted[]): Promise<void> {
  const own = { pid: ownPid(), processes: namespaceOf("self", "pid"), network: namespaceOf("self", "net") };
  const depth = (statusOf("self")?.depth ?? 0) || 1;
  const open = new Set(batch);
  const end = (wanted: Wanted, holder: SocketHolder): void => {
    open.delete(wanted);
    wanted.settle(holder);
  };
  const endMs = performance.now() + GIVE_UP_MS;
  const acquaintances = new Set(batch.flatMap(({ search }) => search.acquaintances ?? []));
  for (const [index, pid] of [...acquaintances, ...newestFirst()].entries()) {
    if (open.size === 0) return;
    if (index % PROCESSES_PER_TURN === PROCESSES_PER_TURN - 1) {
      await nextTurn();
      if (performance.now() > endMs) break;
    }
    const status = statusOf(pid);
    const concerned = [...open].filter(({ search }) => search.uid === status?.uid);
    if (status === undefined || concerned.length === 0) continue;
    const isStranger = status.depth !== depth && [undefined, own.network].includes(namespaceOf(pid, "net"));
    if (isStranger) for (const wanted of concerned) wanted.strangers = true;
    for (const wanted of heldBy(pid, concerned)) {
      if (pid === own.pid) end(wanted, { kind: "self" });
      else if (namespaceOf(pid, "pid") !== own.processes) end(wanted, { kind: "confined" });
      else if (wanted.search.effort === "first") end(wanted, { kind: "free", pid });
      else wanted.free = pid;
    }
  }
  const isCut = performance.now() > endMs;
  for (const wanted of open) {
    const { free, strangers } = wanted;
    const isFound = free !== undefined && !isCut;
    end(wanted, isFound ? { kind: "free", pid: free } : { kind: "hidden", strangers: strangers || isCut });
  }
}

/** Those whose sockets a process has. */
function heldBy(pid: number, wanted: readonly Wanted[]): readonly Wanted[] {
  const links = new Set((descriptorsOf(pid) ?? []).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`)));
  return wanted.filter(({ link }) => links.has(link));
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
