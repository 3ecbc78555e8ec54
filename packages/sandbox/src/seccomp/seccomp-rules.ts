import type { SyscallName } from "./syscall-numbers.ts";

/**
 * How far the filter goes. `restricted`: no network at all; `proxyOnly`: internet sockets, in a network namespace that leads
 * to a proxy only; `vsockRestricted`: the network is open, what leads around it or around the file policy is not. There, unix
 * sockets of the host can be reached as well, abstract ones included: they belong to the network that is shared.
 */
export type SeccompMode = "restricted" | "proxyOnly" | "vsockRestricted";

/**
 * When a call is refused. Numbers in arguments are looked at as the kernel does: the lower 32 bits. `absent` says that there is no
 * such call, which callers know from older kernels; `pointed` refuses a call whose argument points anywhere.
 */
export type SyscallRule =
  | { readonly syscall: SyscallName; readonly refuse: "always" }
  | { readonly syscall: SyscallName; readonly refuse: "absent" }
  | { readonly syscall: SyscallName; readonly refuse: "pointed"; readonly argument: number }
  | {
      readonly syscall: SyscallName;
      readonly refuse: "oneOf";
      readonly argument: number;
      readonly values: readonly number[];
    }
  | {
      readonly syscall: SyscallName;
      readonly refuse: "allBut";
      readonly argument: number;
      readonly values: readonly number[];
    }
  | {
      readonly syscall: SyscallName;
      readonly refuse: "masked";
      readonly argument: number;
      readonly mask: number;
      readonly values: readonly number[];
    };

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const AF_VSOCK = 40;
export const TIOCSTI = 0x5412;
export const TIOCLINUX = 0x541c;
/** Makes what `userfaultfd` makes, from its device. */
export const USERFAULTFD_IOC_NEW = 0xaa00;
export const CLONE_NEWUSER = 0x1000_0000;

/** The kernel reads the type of a socket from these bits; the rest are flags. */
const SOCK_TYPE_MASK = 0xf;
export const SOCK_DGRAM = 2;
/** For a unix socket the kernel makes a datagram socket of it. */
export const SOCK_RAW = 3;

/** Who keeps user namespaces from being made: the filter, or the wrapper that it is given to. */
export type UserNamespaces = "refused" | "leftToWrapper";

/** The rules of a mode, in the order in which they are checked. */
export function seccompRules(mode: SeccompMode, userNamespaces: UserNamespaces): readonly SyscallRule[] {
  return [...EVERY_MODE, ...(userNamespaces === "refused" ? USER_NAMESPACES : []), ...OF_MODE[mode]];
}

function always(...names: readonly SyscallName[]): SyscallRule[] {
  return names.map((syscall) => ({ syscall, refuse: "always" }));
}

const EVERY_MODE: readonly SyscallRule[] = [
  // A ring performs sockets, connects and opens that no filter sees.
  ...always("io_uring_setup", "io_uring_enter", "io_uring_register"),
  // Keyrings belong to the session that the executor was started in; no mount or namespace here hides the secrets in them.
  ...always("add_key", "request_key", "keyctl"),
  // Opens a file by its number, not by a path: what a file policy permits is decided by where paths lead.
  ...always("open_by_handle_at"),
  // Programs in the kernel see everything, where an administrator lets every user load them.
  ...always("bpf"),
  // Stops the kernel in the middle of a copy for as long as one likes: what turns a race in the kernel into a certainty.
  ...always("userfaultfd"),
  // The first two type into a terminal as if the user had, or paste on a console: input for the next program that reads it, outside.
  { syscall: "ioctl", refuse: "oneOf", argument: 1, values: [TIOCSTI, TIOCLINUX, USERFAULTFD_IOC_NEW] },
];

// In a namespace of their own programs are root over mounts and networks: parts of the kernel that few have looked at.
const USER_NAMESPACES: readonly SyscallRule[] = [
  { syscall: "unshare", refuse: "masked", argument: 0, mask: CLONE_NEWUSER, values: [CLONE_NEWUSER] },
  { syscall: "clone", refuse: "masked", argument: 0, mask: CLONE_NEWUSER, values: [CLONE_NEWUSER] },
  // Its flags lie in memory, where no filter looks. Without it C libraries go back to `clone`.
  { syscall: "clone3", refuse: "absent" },
];

// Looks into, or takes descriptors from, another process of the same user: one that is outside, where process ids are shared.
const OTHER_PROCESSES = always("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd");

// `sendmsg` names a receiver by itself for datagrams, connected or not, so one such socket reaches every host daemon's.
const UNIX_DATAGRAMS = {
  refuse: "masked",
  argument: 1,
  mask: SOCK_TYPE_MASK,
  values: [SOCK_DGRAM, SOCK_RAW],
} as const;

const OF_MODE: Readonly<Record<SeccompMode, readonly SyscallRule[]>> = {
  restricted: [
    ...OTHER_PROCESSES,
    // What can be there is a stream or a sequence of packets between two ends of a pair, or one that leads nowhere. All
    // traffic within a pair stays allowed, because no other process can be reached by it: names in `sendmsg` count for datagrams only, and
    // those are refused below. Python's event loop and Chromium live on it.
    //
    // A name may be bound and listened at, as Chromium does to be the only one of its profile: a client that connects there waits in
    // a queue that is never taken from, and nothing that is sent is ever read.
    ...always("connect", "accept", "accept4"),
    { syscall: "sendto", refuse: "pointed", argument: 4 },
    { syscall: "socket", refuse: "allBut", argument: 0, values: [AF_UNIX] },
    { syscall: "socket", ...UNIX_DATAGRAMS },
    { syscall: "socketpair", refuse: "allBut", argument: 0, values: [AF_UNIX] },
    { syscall: "socketpair", ...UNIX_DATAGRAMS },
  ],
  proxyOnly: [
    ...OTHER_PROCESSES,
    { syscall: "socket", refuse: "allBut", argument: 0, values: [AF_INET, AF_INET6] },
    { syscall: "socketpair", refuse: "allBut", argument: 0, values: [AF_UNIX] },
    { syscall: "socketpair", ...UNIX_DATAGRAMS },
  ],
  vsockRestricted: [
    { syscall: "socket", refuse: "oneOf", argument: 0, values: [AF_VSOCK, AF_PACKET] },
    { syscall: "socketpair", refuse: "oneOf", argument: 0, values: [AF_VSOCK, AF_PACKET] },
  ],
};
