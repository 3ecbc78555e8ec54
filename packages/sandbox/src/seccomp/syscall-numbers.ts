/** Architectures that a filter exists for. */
export type SeccompArch = "x64" | "arm64";

const NUMBERS = {
  accept: { x64: 43, arm64: 202 },
  accept4: { x64: 288, arm64: 242 },
  add_key: { x64: 248, arm64: 217 },
  bind: { x64: 49, arm64: 200 },
  bpf: { x64: 321, arm64: 280 },
  clone: { x64: 56, arm64: 220 },
  clone3: { x64: 435, arm64: 435 },
  connect: { x64: 42, arm64: 203 },
  io_uring_enter: { x64: 426, arm64: 426 },
  io_uring_register: { x64: 427, arm64: 427 },
  io_uring_setup: { x64: 425, arm64: 425 },
  ioctl: { x64: 16, arm64: 29 },
  keyctl: { x64: 250, arm64: 219 },
  listen: { x64: 50, arm64: 201 },
  open_by_handle_at: { x64: 304, arm64: 265 },
  pidfd_getfd: { x64: 438, arm64: 438 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  ptrace: { x64: 101, arm64: 117 },
  request_key: { x64: 249, arm64: 218 },
  sendto: { x64: 44, arm64: 206 },
  socket: { x64: 41, arm64: 198 },
  socketpair: { x64: 53, arm64: 199 },
  unshare: { x64: 272, arm64: 97 },
  userfaultfd: { x64: 323, arm64: 282 },
} as const satisfies Readonly<Record<string, Readonly<Record<SeccompArch, number>>>>;

/** A system call that some filter speaks of. */
export type SyscallName = keyof typeof NUMBERS;

/** Names of all system calls that some filter speaks of. */
export const SYSCALL_NAMES: readonly SyscallName[] = Object.keys(NUMBERS) as SyscallName[];

/** The number of a system call, as the kernel of `arch` counts. */
export function syscallNumber(name: SyscallName, arch: SeccompArch): number {
  return NUMBERS[name][arch];
}
