import { describe, expect, test } from "vitest";
import { seccompProgram } from "../../src/seccomp/seccomp-program.ts";
import type { SeccompMode, UserNamespaces } from "../../src/seccomp/seccomp-rules.ts";
import { type SeccompArch, SYSCALL_NAMES, type SyscallName, syscallNumber } from "../../src/seccomp/syscall-numbers.ts";
import { runBpf } from "./bpf-interpreter.ts";

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const KILL_PROCESS = 0x80000000;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const AUDIT_I386 = 0x40000003;
const AUDIT_ARM = 0x40000028;

const MODES: readonly SeccompMode[] = ["restricted", "proxyOnly", "vsockRestricted"];
const ARCHES: readonly SeccompArch[] = ["x64", "arm64"];
const EVERY = ARCHES.flatMap((arch) => MODES.map((mode) => ({ arch, mode })));

/** Refused whatever the arguments are. */
const REFUSED: Readonly<Record<SeccompMode, readonly SyscallName[]>> = (() => {
  const everywhere: SyscallName[] = ["io_uring_setup", "io_uring_enter", "io_uring_register"];
  everywhere.push("add_key", "request_key", "keyctl", "open_by_handle_at", "bpf", "userfaultfd");
  const others: SyscallName[] = ["ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"];
  const network: SyscallName[] = ["connect", "accept", "accept4"];
  return {
    restricted: [...everywhere, ...others, ...network],
    proxyOnly: [...everywhere, ...others],
    vsockRestricted: everywhere,
  };
})();

const BY_ARGUMENT: readonly SyscallName[] = ["ioctl", "sendto", "socket", "socketpair", "unshare", "clone", "clone3"];

const UNIX = 1n;
const INET = 2n;
const INET6 = 10n;
const NETLINK = 16n;
const PACKET = 17n;
const VSOCK = 40n;
const STREAM = 1n;
const DGRAM = 2n;
const RAW = 3n;
const SEQPACKET = 5n;
const FLAGS = 0o2004000n;

function ask(
  arch: SeccompArch,
  mode: SeccompMode,
  name: SyscallName,
  args: readonly bigint[] = [],
  userNamespaces?: UserNamespaces,
): number {
  return runBpf(seccompProgram({ arch, mode, userNamespaces }), {
    number: syscallNumber(name, arch),
    arch: AUDIT[arch],
    arguments: args,
  });
}

describe.each(EVERY)("the filter for $arch, $mode", ({ arch, mode }) => {
  test.each(SYSCALL_NAMES.filter((name) => !BY_ARGUMENT.includes(name)))("decides on %s by its number", (name) => {
    expect(ask(arch, mode, name)).toBe(REFUSED[mode].includes(name) ? EPERM : ALLOW);
  });

  test("allows every number that no rule names", () => {
    const named = new Set(SYSCALL_NAMES.map((name) => syscallNumber(name, arch)));
    const program = seccompProgram({ arch, mode });
    const refused: number[] = [];
    for (let number = 0; number < 600; number += 1) {
      if (!named.has(number) && runBpf(program, { number, arch: AUDIT[arch] }) !== ALLOW) refused.push(number);
    }
    expect(refused).toEqual([]);
  });

  test("refuses to make user namespaces, whatever else is made with them", () => {
    const [NEWUSER, NEWNS, SIGCHLD] = [0x1000_0000n, 0x2_0000n, 17n];
    for (const flags of [NEWUSER, NEWUSER | NEWNS, NEWUSER | SIGCHLD, 0xdead_0000_0000n | NEWUSER]) {
      expect(ask(arch, mode, "unshare", [flags])).toBe(EPERM);
      expect(ask(arch, mode, "clone", [flags])).toBe(EPERM);
    }
    for (const flags of [0n, NEWNS, SIGCHLD, 0x0fff_ffffn]) {
      expect(ask(arch, mode, "unshare", [flags])).toBe(ALLOW);
      expect(ask(arch, mode, "clone", [flags])).toBe(ALLOW);
    }
    expect(ask(arch, mode, "clone3")).toBe(ENOSYS);
  });

  test("leaves user namespaces to a wrapper that keeps them from being made", () => {
    const NEWUSER = 0x1000_0000n;
    for (const name of ["unshare", "clone", "clone3"] as const) {
      expect(ask(arch, mode, name, [NEWUSER], "leftToWrapper")).toBe(ALLOW);
    }
  });

  test("refuses typing into a terminal and the device of userfaultfd, whatever the upper half of the command says", () => {
    for (const command of [0x5412n, 0x541cn, 0xffffffff_00005412n, 0x1_0000541cn]) {
      expect(ask(arch, mode, "ioctl", [0n, command])).toBe(EPERM);
    }
    expect(ask(arch, mode, "ioctl", [0n, 0xaa00n])).toBe(EPERM);
    for (const command of [0x5401n, 0x5413n, 0x541bn, 0x12n, 0xaa01n])
      expect(ask(arch, mode, "ioctl", [0n, command])).toBe(ALLOW);
    // The command is the second argument, and only that.
    expect(ask(arch, mode, "ioctl", [0x5412n, 0x5401n, 0x5412n])).toBe(ALLOW);
  });

  test("ends a process that calls through another architecture", () => {
    const program = seccompProgram({ arch, mode });
    for (const foreign of [AUDIT_I386, AUDIT_ARM, arch === "x64" ? AUDIT.arm64 : AUDIT.x64, 0]) {
      expect(runBpf(program, { number: 1, arch: foreign })).toBe(KILL_PROCESS);
    }
  });

  test("is small enough to be read by an eye and by the kernel", () => {
    const bytes = seccompProgram({ arch, mode });
    expect(bytes.byteLength % 8).toBe(0);
    expect(bytes.byteLength / 8).toBeLessThan(96);
  });
});

describe.each(MODES)("the filter for x64, %s", (mode) => {
  test("refuses the x32 calls", () => {
    const program = seccompProgram({ arch: "x64", mode });
    for (const number of [0x40000000, 0x40000029, 0x40000065, 0x7fffffff, 0xffffffff]) {
      expect(runBpf(program, { number, arch: AUDIT.x64 })).toBe(EPERM);
    }
  });
});

describe.each(ARCHES)("sockets on %s", (arch) => {
  const FAMILIES = { UNIX, INET, INET6, NETLINK, PACKET, VSOCK, other: 38n } as const;
  type Family = keyof typeof FAMILIES;
  const ALLOWED: Readonly<Record<SeccompMode, { socket: readonly Family[]; socketpair: readonly Family[] }>> = {
    restricted: { socket: ["UNIX"], socketpair: ["UNIX"] },
    proxyOnly: { socket: ["INET", "INET6"], socketpair: ["UNIX"] },
    vsockRestricted: {
      socket: ["UNIX", "INET", "INET6", "NETLINK", "other"],
      socketpair: ["UNIX", "INET", "INET6", "NETLINK", "other"],
    },
  };

  test.each(MODES)("%s: which families are let through", (mode) => {
    for (const name of ["socket", "socketpair"] as const) {
      for (const [family, number] of Object.entries(FAMILIES) as [Family, bigint][]) {
        const expected = ALLOWED[mode][name].includes(family) ? ALLOW : EPERM;
        expect([name, family, ask(arch, mode, name, [number, STREAM | FLAGS])]).toEqual([name, family, expected]);
      }
    }
  });

  test.each(MODES)("%s: the upper half of the family does not count", (mode) => {
    const dirty = 0xdead_0000_0000n;
    expect(ask(arch, mode, "socket", [dirty | VSOCK, STREAM])).toBe(EPERM);
    expect(ask(arch, mode, "socketpair", [dirty | VSOCK, STREAM])).toBe(EPERM);
    expect(ask(arch, mode, "socketpair", [dirty | UNIX, STREAM])).toBe(ALLOW);
  });

  test("restricted: bytes go to the other end of a pair, never to a name", () => {
    expect(ask(arch, "restricted", "sendto", [3n, 4096n, 1n, 0n, 0n, 0n])).toBe(ALLOW);
    expect(ask(arch, "restricted", "sendto", [3n, 4096n, 1n, 0n, 0n, 16n])).toBe(ALLOW);
    for (const name of [1n, 4096n, 0x7fff_0000_0000n, 0xffff_ffff_0000_0000n]) {
      expect(ask(arch, "restricted", "sendto", [3n, 4096n, 1n, 0n, name, 16n])).toBe(EPERM);
    }
    for (const mode of ["proxyOnly", "vsockRestricted"] as const) {
      expect(ask(arch, mode, "sendto", [3n, 4096n, 1n, 0n, 4096n, 16n])).toBe(ALLOW);
    }
  });

  test("unix datagrams could be sent to any receiver by name, so they are refused where receivers are", () => {
    for (const type of [DGRAM, RAW, DGRAM | FLAGS, RAW | FLAGS, 0xffff_0000_0002n]) {
      expect(ask(arch, "restricted", "socket", [UNIX, type])).toBe(EPERM);
      expect(ask(arch, "restricted", "socketpair", [UNIX, type])).toBe(EPERM);
      expect(ask(arch, "proxyOnly", "socketpair", [UNIX, type])).toBe(EPERM);
      expect(ask(arch, "proxyOnly", "socket", [INET, type])).toBe(ALLOW);
      expect(ask(arch, "vsockRestricted", "socketpair", [UNIX, type])).toBe(ALLOW);
    }
    for (const type of [STREAM, SEQPACKET, STREAM | FLAGS]) {
      expect(ask(arch, "restricted", "socketpair", [UNIX, type])).toBe(ALLOW);
      expect(ask(arch, "proxyOnly", "socketpair", [UNIX, type])).toBe(ALLOW);
    }
  });
});
