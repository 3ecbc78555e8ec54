import assert from "node:assert/strict";
import { assertContained, inCage } from "../sandbox/cage.ts";
import type { WireScenario } from "../scenario.ts";

/** Calls that must fail in a sandbox without network. */
interface Calls {
  readonly id: string;
  readonly sentence: string;
  readonly attempts: Readonly<Record<string, string>>;
  readonly tty?: boolean;
}

/** A new user namespace with every capability in it, and a mount namespace. */
const IN_NEW_NAMESPACES = `my ($u, $g) = ($<, $( + 0);
  call(SYS_unshare, 0x10020000) or return 0;
  for (["setgroups", "deny"], ["uid_map", "0 $u 1"], ["gid_map", "0 $g 1"]) {
    if (open my $f, '>', "/proc/self/$$_[0]") { syswrite $f, $$_[1] } }`;

function socketOf(family: number, type: number): string {
  return `socket my $s, ${family}, ${type}, 0`;
}

const CALLS: readonly Calls[] = [
  {
    id: "ptrace",
    sentence: "no process in a sandbox traces another or reads its memory",
    attempts: {
      traceme: "child(sub { call(SYS_ptrace, 0, 0, 0, 0) })",
      attach:
        "my $p = fork; if (!$p) { sleep 20; exit } my $r = call(SYS_ptrace, 16, $p, 0, 0); my $e = $!; kill 9, $p; $! = $e; $r",
      process_vm_readv: "call(SYS_process_vm_readv, $$, 0, 0, 0, 0, 0)",
    },
  },
  {
    id: "io-uring",
    sentence: "io_uring, which no filter sees into, can't be set up",
    attempts: { setup: 'call(SYS_io_uring_setup, 1, my $room = "\\0" x 120)' },
  },
  {
    id: "raw-sockets",
    sentence: "there are no packet, raw, netlink, vsock or internet sockets",
    attempts: {
      AF_PACKET: socketOf(17, 3),
      "AF_INET raw": socketOf(2, 3),
      AF_INET6: socketOf(10, 1),
      AF_NETLINK: socketOf(16, 3),
      AF_VSOCK: socketOf(40, 1),
      AF_ALG: socketOf(38, 5),
    },
  },
  {
    id: "kernel-programs",
    sentence: "keyrings, kernel programs and performance events are out of reach",
    attempts: {
      keyctl: "call(SYS_keyctl, 0, -3, 0)",
      add_key: 'call(SYS_add_key, "user", "holdfast-conformance", "x", 1, -2)',
      bpf: 'call(SYS_bpf, 0, my $room = pack("LLLL", 2, 4, 4, 1) . "\\0" x 112, 128)',
      perf_event_open: 'call(SYS_perf_event_open, my $room = pack("LLQ", 1, 112, 0) . "\\0" x 96, -1, 0, -1, 0)',
    },
  },
  {
    id: "mounts",
    sentence: "nothing can be mounted, unmounted or made the root, and no file opened by its number",
    attempts: {
      mount: 'call(SYS_mount, "none", my $to = $workspace, "tmpfs", 0, 0)',
      umount: 'call(SYS_umount2, my $of = "$workspace/.git", 2)',
      pivot_root: 'call(SYS_pivot_root, my $from = $workspace, my $to = "$workspace/sub")',
      "mount namespace": "child(sub { call(SYS_unshare, 0x20000) })",
      open_by_handle_at: 'call(SYS_open_by_handle_at, -100, my $handle = pack("LL", 8, 1) . "\\0" x 16, 0)',
    },
  },
  {
    id: "namespaces",
    sentence: "in namespaces of its own a command makes nothing writable or visible that was not",
    attempts: {
      "remount root": `child(sub { ${IN_NEW_NAMESPACES} call(SYS_mount, 0, my $to = "/", 0, 0x1020, 0) })`,
      "write outside after a remount": `child(sub { ${IN_NEW_NAMESPACES} call(SYS_mount, 0, my $to = "/", 0, 0x1020, 0); put("$outside/file") })`,
      "remount .git": `child(sub { ${IN_NEW_NAMESPACES} call(SYS_mount, 0, my $to = "$workspace/.git", 0, 0x1020, 0) })`,
      "unmount .git": `child(sub { ${IN_NEW_NAMESPACES} call(SYS_umount2, my $of = "$workspace/.git", 2); put("$workspace/.git/config") })`,
      "unmount .codex": `child(sub { ${IN_NEW_NAMESPACES} call(SYS_umount2, my $of = "$workspace/.codex", 2); create("$workspace/.codex/new") })`,
      "socket in a network namespace": `child(sub { call(SYS_unshare, 0x50000000) or return 0; ${socketOf(2, 1)} })`,
    },
  },
  {
    id: "devices",
    sentence: "memory and disks have no device files, and none can be made",
    attempts: {
      "/dev/mem": "get('/dev/mem')",
      "/dev/kmsg": "get('/dev/kmsg')",
      disks: "my @disks = glob('/dev/{sd,vd,nvme,xvd,loop,dm-}*'); return @disks ? \\'yes' : \\'no'",
      "mknod disk": 'call(SYS_mknodat, -100, my $at = "$workspace/disk", 060660, 0x801)',
      "mknod memory": 'call(SYS_mknodat, -100, my $at = "/tmp/$mark-mem", 020660, 0x101)',
    },
  },
  {
    id: "sysctl",
    sentence: "no setting of the kernel can be opened for writing",
    // Opened only: whatever happens, no value is written.
    attempts: Object.fromEntries(
      [
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/modprobe",
        "/proc/sys/vm/drop_caches",
        "/proc/sys/fs/suid_dumpable",
        "/proc/sys/net/ipv4/ip_forward",
        "/proc/sysrq-trigger",
        "/sys/kernel/uevent_helper",
        "/sys/power/state",
      ].map((path) => [path, `sysopen my $f, '${path}', O_WRONLY`]),
    ),
  },
  {
    id: "terminal-input",
    sentence: "a command does not type into its terminal",
    tty: true,
    attempts: {
      TIOCSTI: 'ioctl STDIN, 0x5412, my $char = "x"',
      "TIOCSTI with high bits": 'call(SYS_ioctl, 0, 0x5412 + (1 << 32), my $char = "x")',
      TIOCLINUX: 'ioctl STDIN, 0x541c, my $paste = "\\3"',
    },
  },
];

function callScenario({ id, sentence, attempts, tty }: Calls): WireScenario {
  return {
    direction: "wire",
    id: `wire.hostile-${id}`,
    sentence,
    requirements: ["sandbox.kernel"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        assertContained(await cage.attempt(attempts, tty === undefined ? {} : { tty }));
      });
    },
  };
}

export const WIRE_HOSTILE_KERNEL: readonly WireScenario[] = [
  ...CALLS.map(callScenario),
  {
    direction: "wire",
    id: "wire.hostile-privileges",
    sentence: "a command has no capability and gains none from setuid programs",
    requirements: ["sandbox.kernel"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const { output } = await cage.shell("grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Seccomp):' /proc/self/status");
        const fields = Object.fromEntries(output.split("\n").map((text) => text.split(/:\s+/)));
        const none = "0000000000000000";
        const expected = { CapInh: none, CapPrm: none, CapEff: none, CapAmb: none, NoNewPrivs: "1", Seccomp: "2" };
        for (const [name, value] of Object.entries(expected)) assert.equal(fields[name], value, name);
      });
    },
  },
];
