import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Clock } from "@holdfast/rpc";
import { type PinnedPlace, SandboxError } from "@holdfast/sandbox";
import { O_PATH } from "../mount-targets/index.ts";
import { errnoName, osErrorText } from "../platform/os-error.ts";

const FLAGS = O_PATH | constants.O_NOFOLLOW;
/** A wrapper makes its mounts in some milliseconds; one that took longer would find them as they were planned all the same. */
const HOLD_MS = 60_000;

const NOTHING: PlaceHold = { descriptors: [], release: () => {} };

/** Places that are held open. */
export interface PlaceHold {
  /** Those that are still open. */
  readonly descriptors: readonly number[];
  /** Idempotent. */
  release(): void;
}

/**
 * Open every place over no link, and make sure that it is the one which was planned. As long as it is held, what is removed
 * meanwhile gives its number to nothing else.
 *
 * @throws SandboxError `unenforceable` for a place that is another one by now, and when there are no descriptors left.
 */
export function holdPlaces(places: readonly PinnedPlace[], delay: Pick<Clock, "after">): PlaceHold {
  if (places.length === 0 || process.platform !== "linux") return NOTHING;
  const opened = new Map<string, number>();
  const close = () => {
    for (const fd of opened.values()) closeSync(fd);
    opened.clear();
  };
  try {
    for (const place of places) hold(place, opened);
  } catch (thrown) {
    close();
    throw thrown;
  }
  const kept = new Set(places.map(({ path }) => path));
  for (const [path, fd] of opened) {
    if (kept.has(path)) continue;
    closeSync(fd);
    opened.delete(path);
  }
  return holdOf([...opened.values()], delay);
}

/** Places that another program in this very process has opened. */
export function adoptPlaces(descriptors: readonly number[], delay: Pick<Clock, "after">): PlaceHold {
  return descriptors.length === 0 ? NOTHING : holdOf(descriptors, delay);
}

function holdOf(descriptors: readonly number[], delay: Pick<Clock, "after">): PlaceHold {
  const open = [...descriptors];
  const close = () => {
    for (const fd of open.splice(0)) closeSync(fd);
  };
  const timer = delay.after(HOLD_MS, close);
  return {
    descriptors: open,
    release: () => {
      timer.cancel();
      close();
    },
  };
}

function hold({ path, identity }: PinnedPlace, opened: Map<string, number>): void {
  const { dev, ino, birthtimeNs } = fstatSync(open(path, opened), { bigint: true });
  if (dev === identity.device && ino === identity.inode && birthtimeNs === identity.bornNs) return;
  throw new SandboxError("unenforceable", `${path} was replaced while the sandbox was prepared`);
}

/** Folder by folder, each through the one above, so that what is swapped meanwhile leads nowhere else. */
function open(path: string, opened: Map<string, number>): number {
  const known = opened.get(path);
  if (known !== undefined) return known;
  try {
    const fd = openSync(path === "/" ? "/" : `/proc/self/fd/${open(dirname(path), opened)}/${basename(path)}`, FLAGS);
    opened.set(path, fd);
    return fd;
  } catch (thrown) {
    if (thrown instanceof SandboxError) throw thrown;
    const code = errnoName(thrown);
    const reason = (code && osErrorText(code)) || String(thrown);
    throw new SandboxError("unenforceable", `${path} can't be held for the sandbox: ${reason}`, { cause: thrown });
  }
}
