import { chmod, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { seccompProgram } from "../../src/seccomp/seccomp-program.ts";
import type { SeccompMode } from "../../src/seccomp/seccomp-rules.ts";
import { type SeccompArch, type SyscallName, syscallNumber } from "../../src/seccomp/syscall-numbers.ts";
import { type Attempt, errnosOf, runConfined, whyUnavailable } from "./confined.ts";

const unavailable = await whyUnavailable();
const arch: SeccompArch = process.arch === "arm64" ? "arm64" : "x64";

function call(name: SyscallName, ...args: number[]): Attempt {
  return [syscallNumber(name, arch), ...args];
}

const EPERM = 1;
const ESRCH = 3;
const EBADF = 9;
const CLONE_NEWUSER = 0x10000000;
const NO_PROCESS = 0x3fffffff;

/** What happens without a filter, where every machine agrees about it, and in which modes it is refused. */
const ATTEMPTS: readonly {
  what: string;
  attempt: Attempt;
  unfiltered?: number;
  refused: readonly SeccompMode[];
}[] = [
  { what: "socket(AF_INET)", attempt: call("socket", 2, 1), unfiltered: 0, refused: ["restricted"] },
  { what: "socket(AF_INET6, SOCK_DGRAM)", attempt: call("socket", 10, 2), refused: ["restricted"] },
  { what: "socket(AF_NETLINK)", attempt: call("socket", 16, 3), unfiltered: 0, refused: ["restricted", "proxyOnly"] },
  { what: "socket(AF_UNIX)", attempt: call("socket", 1, 1), unfiltered: 0, refused: ["proxyOnly"] },
  {
    what: "socket(AF_UNIX, SOCK_DGRAM)",
    attempt: call("socket", 1, 2),
    unfiltered: 0,
    refused: ["restricted", "proxyOnly"],
  },
  { what: "socketpair(AF_UNIX)", attempt: call("socketpair", 1, 1), unfiltered: 0, refused: [] },
  {
    what: "socketpair(AF_UNIX, SOCK_DGRAM)",
    attempt: call("socketpair", 1, 2),
    unfiltered: 0,
    refused: ["restricted", "proxyOnly"],
  },
  {
    what: "socket(AF_PACKET)",
    attempt: call("socket", 17, 3),
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  { what: "socket(AF_VSOCK)", attempt: call("socket", 40, 1), refused: ["restricted", "proxyOnly", "vsockRestricted"] },
  { what: "accept", attempt: call("accept", -1), unfiltered: EBADF, refused: ["restricted"] },
  { what: "connect", attempt: call("connect", -1), unfiltered: EBADF, refused: ["restricted"] },
  { what: "ptrace", attempt: call("ptrace", 1, NO_PROCESS), unfiltered: ESRCH, refused: ["restricted", "proxyOnly"] },
  { what: "process_vm_readv", attempt: call("process_vm_readv", NO_PROCESS), refused: ["restricted", "proxyOnly"] },
  { what: "pidfd_getfd", attempt: call("pidfd_getfd", -1), unfiltered: EBADF, refused: ["restricted", "proxyOnly"] },
  {
    what: "io_uring_setup",
    attempt: call("io_uring_setup", 1),
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  { what: "keyctl", attempt: call("keyctl", 0, -3), refused: ["restricted", "proxyOnly", "vsockRestricted"] },
  {
    what: "ioctl(TIOCSTI)",
    attempt: call("ioctl", -1, 0x5412),
    unfiltered: EBADF,
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  {
    what: "ioctl(TIOCLINUX)",
    attempt: call("ioctl", -1, 0x541c),
    unfiltered: EBADF,
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  {
    what: "ioctl(USERFAULTFD_IOC_NEW)",
    attempt: call("ioctl", -1, 0xaa00),
    unfiltered: EBADF,
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  {
    what: "userfaultfd",
    attempt: call("userfaultfd", 1),
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  {
    what: "unshare(CLONE_NEWUSER)",
    attempt: call("unshare", CLONE_NEWUSER),
    refused: ["restricted", "proxyOnly", "vsockRestricted"],
  },
  { what: "unshare(CLONE_FILES)", attempt: call("unshare", 0x400), unfiltered: 0, refused: [] },
  { what: "ioctl(TCGETS)", attempt: call("ioctl", -1, 0x5401), unfiltered: EBADF, refused: [] },
];

const skipped = unavailable === undefined ? "" : ` (skipped: ${unavailable})`;

describe.skipIf(unavailable !== undefined)(`the kernel enforces the filter${skipped}`, () => {
  test.each(["restricted", "proxyOnly", "vsockRestricted"] as const)("%s", async (mode) => {
    const errnos = await errnosOf(
      seccompProgram({ arch, mode }),
      ATTEMPTS.map(({ attempt }) => attempt),
    );
    const found = ATTEMPTS.map(({ what }, index) => [what, errnos[index] === EPERM]);
    expect(found).toEqual(ATTEMPTS.map(({ what, refused }) => [what, refused.includes(mode)]));
  });

  test("nothing but the filter refuses them", async () => {
    const errnos = await errnosOf(
      undefined,
      ATTEMPTS.map(({ attempt }) => attempt),
    );
    for (const [index, { what, unfiltered }] of ATTEMPTS.entries()) {
      if (unfiltered !== undefined) expect([what, errnos[index]]).toEqual([what, unfiltered]);
    }
  });

  test.runIf(arch === "x64")("x32 numbers are no way around it", async () => {
    const [errno] = await errnosOf(seccompProgram({ arch, mode: "restricted" }), [[0x40000000 + 41, 2, 1]]);
    expect(errno).toBe(EPERM);
  });

  test.runIf(arch === "x64")("a 32-bit call ends the process", async ({ skip }) => {
    await using dir = await tempDir();
    const program = dir.join("int80");
    await writeFile(program, elfThatExitsBy32BitCall(7));
    await chmod(program, 0o755);
    const free = await runConfined(undefined, [program]);
    if (free.exitCode !== 7) skip("this kernel has no 32-bit calls");
    const confined = await runConfined(seccompProgram({ arch, mode: "vsockRestricted" }), [program]);
    // Bubblewrap reports the signal as a shell does: 128 + SIGSYS.
    expect(confined.exitCode).toBe(128 + 31);
  });
});

/** A 64-bit program of three instructions: `mov eax, 1; mov ebx, CODE; int 0x80`. */
function elfThatExitsBy32BitCall(code: number): Uint8Array {
  const text = [0xb8, 1, 0, 0, 0, 0xbb, code, 0, 0, 0, 0xcd, 0x80];
  const bytes = new Uint8Array(120 + text.length);
  const view = new DataView(bytes.buffer);
  const base = 0x400000n;
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, base + 120n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  view.setUint32(68, 5, true);
  view.setBigUint64(80, base, true);
  view.setBigUint64(88, base, true);
  view.setBigUint64(96, BigInt(bytes.length), true);
  view.setBigUint64(104, BigInt(bytes.length), true);
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(text, 120);
  return bytes;
}
