import { closeSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import { lazily } from "./c-library.ts";

const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
/** Fits some 2,000 short names. */
const READ_BYTES = 65_536;
/** `struct inotify_event` before its name. */
const HEAD_BYTES = 16;

/** Kinds of events, as the kernel numbers them. */
export const IN = {
  MODIFY: 0x2,
  ATTRIB: 0x4,
  MOVED_FROM: 0x40,
  MOVED_TO: 0x80,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
  UNMOUNT: 0x2000,
  Q_OVERFLOW: 0x4000,
  IGNORED: 0x8000,
  ONLYDIR: 0x100_0000,
  DONT_FOLLOW: 0x200_0000,
  EXCL_UNLINK: 0x400_0000,
  ISDIR: 0x4000_0000,
} as const;

/** One event of the kernel. */
export interface InotifyEvent {
  /** Number of the watched folder; -1 for an overflow. */
  readonly watch: number;
  /** Bits of {@link IN}. */
  readonly mask: number;
  /** The same for both halves of a move. */
  readonly cookie: number;
  /** In the folder, one character per byte; empty: the folder itself. */
  readonly name: string;
}

const functions = lazily((library) => ({
  init: library.func("int inotify_init1(int flags)"),
  add: library.func("int inotify_add_watch(int fd, void *path, uint32_t mask)"),
  remove: library.func("int inotify_rm_watch(int fd, int watch)"),
  read: library.func("long read(int fd, void *buffer, unsigned long count)"),
  errno: () => library.errno(),
}));

type Calls = NonNullable<ReturnType<typeof functions>>;

/** Whether the kernel tells what happens in folders. Node's own watchers do not tell that events were lost. */
export function canWatchFolders(): boolean {
  return process.platform === "linux" && functions() !== undefined;
}

function failure(calls: Calls, what: string): Error {
  const code = getSystemErrorName(-calls.errno());
  return Object.assign(new Error(`${what} failed: ${code}`), { code });
}

/** A queue of the kernel with what happens in folders. It is asked, and wakes nobody. */
export class Inotify {
  readonly #calls: Calls;
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  private constructor(calls: Calls, fd: number) {
    this.#calls = calls;
    this.#fd = fd;
  }

  /** @throws the system's error with its `code`: `EMFILE` when the user has too many, `ENOSYS` where there is none. */
  static open(): Inotify {
    const calls = functions();
    if (calls === undefined) throw Object.assign(new Error("inotify is not there"), { code: "ENOSYS" });
    const fd = calls.init(O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) throw failure(calls, "inotify_init1");
    return new Inotify(calls, fd);
  }

  /**
   * Watch a folder.
   *
   * @returns its number, the same one for the same folder.
   * @throws the system's error: `ENOSPC` when the user has too many watches.
   */
  add(folder: Buffer, mask: number): number {
    const watch = this.#calls.add(this.#fd, Buffer.concat([folder, Buffer.of(0)]), mask);
    if (watch < 0) throw failure(this.#calls, "inotify_add_watch");
    return watch;
  }

  /** One that is gone already is fine. */
  remove(watch: number): void {
    this.#calls.remove(this.#fd, watch);
  }

  /** What has happened since the last call, as much as one read gives; nothing: that was all. */
  read(): InotifyEvent[] {
    const count = this.#calls.read(this.#fd, this.#buffer, READ_BYTES);
    const events: InotifyEvent[] = [];
    for (let at = 0; at + HEAD_BYTES <= count; ) {
      const length = this.#buffer.readUInt32LE(at + 12);
      const name = this.#buffer.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
      const end = name.indexOf(0);
      events.push({
        watch: this.#buffer.readInt32LE(at),
        mask: this.#buffer.readUInt32LE(at + 4),
        cookie: this.#buffer.readUInt32LE(at + 8),
        name: name.toString("latin1", 0, end < 0 ? length : end),
      });
      at += HEAD_BYTES + length;
    }
    return events;
  }

  close(): void {
    closeSync(this.#fd);
  }
}
