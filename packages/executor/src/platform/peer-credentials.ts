import { closeSync, readFileSync } from "node:fs";
import { lazily } from "./c-library.ts";

const LINUX = { SOL_SOCKET: 1, SO_PEERCRED: 17, SO_PEERPIDFD: 77 } as const;
const MACOS = { SOL_LOCAL: 0, LOCAL_PEERPID: 2 } as const;
const CREDENTIALS_BYTES = 12;
const WORD_BYTES = 4;

/** Who connected a unix socket, as the system noted it when it was connected. */
export interface PeerCredentials extends Disposable {
  readonly uid: number;
  /** 0: a process that this one can not see, because it is outside of its process namespace. */
  readonly pid: number;
  /** Whether `pid` is that process and no later one, as far as the system tells. */
  isCurrent(): boolean;
}

const getsockopt = lazily((library) =>
  library.func("int getsockopt(int socket, int level, int option, void *value, void *length)"),
);

const macos = lazily(
  (library) => ({
    getpeereid: library.func("int getpeereid(int socket, void *uid, void *gid)"),
    getsockopt: library.func("int getsockopt(int socket, int level, int option, void *value, void *length)"),
  }),
  "darwin",
);

/** Whether {@link peerCredentials} can be asked here. */
export function canReadPeerCredentials(): boolean {
  return getsockopt() !== undefined || macos() !== undefined;
}

/**
 * Ask the system who connected a unix socket.
 *
 * @param socket - Descriptor of the end that was accepted.
 * @returns `undefined` where it does not tell.
 */
export function peerCredentials(socket: number): PeerCredentials | undefined {
  return process.platform === "darwin" ? macosCredentials(socket) : linuxCredentials(socket);
}

function linuxCredentials(socket: number): PeerCredentials | undefined {
  const call = getsockopt();
  if (call === undefined) return undefined;
  const value = optionOf(call, socket, LINUX.SOL_SOCKET, LINUX.SO_PEERCRED, CREDENTIALS_BYTES);
  if (value === undefined) return undefined;
  const words = new DataView(value.buffer, value.byteOffset, value.length);
  const [pid, uid] = [words.getInt32(0, IS_LITTLE), words.getUint32(4, IS_LITTLE)];
  // Linux 6.5 and newer: a process can not take the place of the one that it is of.
  const held = pid === 0 ? undefined : optionOf(call, socket, LINUX.SOL_SOCKET, LINUX.SO_PEERPIDFD, WORD_BYTES);
  const pidFd = held === undefined ? undefined : new DataView(held.buffer, held.byteOffset).getInt32(0, IS_LITTLE);
  return {
    uid,
    pid,
    isCurrent: () => pidFd === undefined || pidOf(pidFd) === pid,
    [Symbol.dispose]: () => {
      if (pidFd !== undefined) closeSync(pidFd);
    },
  };
}

function macosCredentials(socket: number): PeerCredentials | undefined {
  const calls = macos();
  if (calls === undefined) return undefined;
  const [uid, gid] = [Buffer.alloc(WORD_BYTES), Buffer.alloc(WORD_BYTES)];
  if (calls.getpeereid(socket, uid, gid) !== 0) return undefined;
  const pid = optionOf(calls.getsockopt, socket, MACOS.SOL_LOCAL, MACOS.LOCAL_PEERPID, WORD_BYTES);
  return {
    uid: uid.readUInt32LE(),
    pid: pid?.readInt32LE() ?? 0,
    isCurrent: () => true,
    [Symbol.dispose]: () => {},
  };
}

type GetOption = NonNullable<ReturnType<typeof getsockopt>>;

function optionOf(call: GetOption, socket: number, level: number, option: number, bytes: number): Buffer | undefined {
  const value = Buffer.alloc(bytes);
  const length = Buffer.from(new Uint32Array([bytes]).buffer);
  return call(socket, level, option, value, length) === 0 ? value : undefined;
}

/** The id of the process that a descriptor holds; -1 when it has ended, `undefined` where that can not be read. */
function pidOf(pidFd: number): number | undefined {
  const [, pid] = /^Pid:\t(-?\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${pidFd}`, "latin1")) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

const IS_LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
