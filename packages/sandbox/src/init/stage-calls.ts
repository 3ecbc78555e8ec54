import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import type { Word } from "./stage-data.ts";
import type { StageCall } from "./stage-image.ts";

type CallName =
  | "bind"
  | "capset"
  | "chdir"
  | "close"
  | "dup3"
  | "execve"
  | "exit_group"
  | "fstatfs"
  | "ioctl"
  | "listen"
  | "mmap"
  | "openat2"
  | "prlimit64"
  | "sendmsg"
  | "setgroups"
  | "setresgid"
  | "setresuid"
  | "setsid"
  | "socket"
  | "statx"
  | "write";

const NUMBERS: Readonly<Record<CallName, Readonly<Record<SeccompArch, bigint>>>> = {
  bind: { x64: 49n, arm64: 200n },
  capset: { x64: 126n, arm64: 91n },
  chdir: { x64: 80n, arm64: 49n },
  close: { x64: 3n, arm64: 57n },
  dup3: { x64: 292n, arm64: 24n },
  execve: { x64: 59n, arm64: 221n },
  exit_group: { x64: 231n, arm64: 94n },
  fstatfs: { x64: 138n, arm64: 44n },
  ioctl: { x64: 16n, arm64: 29n },
  listen: { x64: 50n, arm64: 201n },
  mmap: { x64: 9n, arm64: 222n },
  openat2: { x64: 437n, arm64: 437n },
  prlimit64: { x64: 302n, arm64: 261n },
  sendmsg: { x64: 46n, arm64: 211n },
  setgroups: { x64: 116n, arm64: 159n },
  setresgid: { x64: 119n, arm64: 149n },
  setresuid: { x64: 117n, arm64: 147n },
  setsid: { x64: 112n, arm64: 157n },
  socket: { x64: 41n, arm64: 198n },
  statx: { x64: 332n, arm64: 291n },
  write: { x64: 1n, arm64: 64n },
};

/** Makes a system call out of its name. */
export type MakeCall = (name: CallName, ...args: readonly Word[]) => StageCall;

/** System calls by their names, for one kind of processor. */
export function callsOf(arch: SeccompArch): MakeCall {
  return (name, ...args) => ({ number: NUMBERS[name][arch], args });
}
