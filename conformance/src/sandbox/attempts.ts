import type { Attempt } from "./probe.ts";

/** A row of the truth table: what is tried, and how 0.169.0 answered an unprivileged user, in the order of the columns. */
export interface Row extends Attempt {
  readonly answers: readonly string[];
  /** Created on success: whether it is there outside tells what is kept from what is lost. */
  readonly creates?: string;
}

function row(id: string, perl: string, answers: string, creates?: string): Row {
  return {
    id,
    perl,
    answers: answers.split(" "),
    ...(creates === undefined ? {} : { creates }),
  };
}

const ALWAYS = "ok ok ok ok ok ok ok ok";
const NOT_IN_MIN = "ok ok ok ok ok ENOENT ok ok";
const IN_WORKSPACE = "EROFS EROFS ok ok ok ok ok ok";
const METADATA = "EROFS EROFS EROFS EROFS EROFS EROFS ok ok";
const MASKED = "EROFS EROFS EEXIST EEXIST EEXIST EEXIST ok ok";
const OUTSIDE = "EROFS EROFS EROFS EROFS EROFS ENOENT ok ok";
const NETWORK = "EPERM ok EPERM ok EPERM EPERM EPERM ok";
const CLOSED = "EPERM EPERM EPERM EPERM EPERM EPERM EPERM ok";

const TCP = "socket(my $s, AF_INET, SOCK_STREAM, 0) or return 0;";
const UDP = "socket(my $s, AF_INET, SOCK_DGRAM, 0) or return 0;";
const UNIX = "socket(my $s, AF_UNIX, SOCK_STREAM, 0) or return 0;";
const LOOPBACK = "inet_aton('127.0.0.1')";

const FILES: readonly Row[] = [
  row("read /etc/hosts", "get('/etc/hosts')", ALWAYS),
  row("read outside", 'get("$outside/file")', NOT_IN_MIN),
  row("list outside", "list($outside)", NOT_IN_MIN),
  row("read workspace file", 'get("$workspace/file")', ALWAYS),
  row("read .git/config", 'get("$workspace/.git/config")', ALWAYS),
  row("append in workspace", 'put("$workspace/file")', IN_WORKSPACE),
  row("create in workspace", 'create("$workspace/new")', IN_WORKSPACE, "workspace/new"),
  row("unlink in workspace", 'unlink "$workspace/victim"', IN_WORKSPACE),
  row("mkdir in workspace", 'mkdir "$workspace/made"', IN_WORKSPACE, "workspace/made"),
  row("rename in workspace", 'rename "$workspace/renamed", "$workspace/renamed2"', IN_WORKSPACE),
  row("chmod in workspace", 'chmod 0600, "$workspace/file"', IN_WORKSPACE),
  row("append .git/config", 'put("$workspace/.git/config")', METADATA),
  row("create in .git", 'create("$workspace/.git/new")', METADATA, "workspace/.git/new"),
  row(
    "rename .git away",
    'rename("$workspace/.git", "$workspace/gone") or return 0; rename "$workspace/gone", "$workspace/.git"',
    "EROFS EROFS EBUSY EBUSY EBUSY EBUSY ok ok",
  ),
  ...[".codex", ".agents", ".aws"].map((name) =>
    row(`mkdir ${name}`, `mkdir "$workspace/${name}"`, MASKED, `workspace/${name}`),
  ),
  row("mkdir sub/.codex", 'mkdir "$workspace/sub/.codex"', IN_WORKSPACE, "workspace/sub/.codex"),
  row("append outside", 'put("$outside/file")', OUTSIDE),
  row("create in /tmp", 'create("/tmp/$mark-new")', "EROFS EROFS ok ok ok ENOENT ok ok", "/tmp/MARK-new"),
  row("create in $TMPDIR", 'create("$temporary/new")', "EROFS EROFS ok ok ok ENOENT ok ok", "temporary/new"),
  // The parent of the workspace: under `min` a private copy of it, to the reference a writable one.
  row(
    "create beside the playground",
    'create("/var/tmp/$mark-new")',
    "EROFS EROFS EROFS EROFS EROFS lost ok ok",
    "/var/tmp/MARK-new",
  ),
  row("write /dev/null", "put('/dev/null')", ALWAYS),
  row("read /dev/urandom", "get('/dev/urandom')", ALWAYS),
  row("create in /dev/shm", 'create("/dev/shm/$mark-new")', ALWAYS),
  row("read a/secret", 'get("$workspace/a/secret")', "ok ok ok ok ENOENT ok ok ok"),
  row("stat a/secret", 'stat "$workspace/a/secret"', "ok ok ok ok ENOENT ok ok ok"),
  row("list a", 'list("$workspace/a")', "ok ok ok ok EACCES ok ok ok"),
  row("create in a", 'create("$workspace/a/new")', "EROFS EROFS ok ok EROFS ok ok ok", "workspace/a/new"),
  row("read a/b/file", 'get("$workspace/a/b/file")', ALWAYS),
  row("list a/b", 'list("$workspace/a/b")', ALWAYS),
  row("create in a/b", 'create("$workspace/a/b/new")', IN_WORKSPACE, "workspace/a/b/new"),
  row("append through symlink out", 'put("$workspace/link")', OUTSIDE),
  row("append through hard link out", 'put("$workspace/hard")', IN_WORKSPACE),
  row("symlink in workspace", 'symlink "$outside/file", "$workspace/made-link"', IN_WORKSPACE),
  row(
    "hard-link outside in",
    'link "$outside/file", "$workspace/made-hard"',
    "EROFS EROFS EXDEV EXDEV EXDEV ENOENT ok ok",
  ),
];

const SYSTEM: readonly Row[] = [
  row("socket(AF_INET)", `${TCP} 1`, NETWORK),
  row("TCP connect", `${TCP} connect $s, sockaddr_in($port, ${LOOPBACK})`, NETWORK),
  row("UDP send", `${UDP} defined send $s, "x", 0, sockaddr_in($port, ${LOOPBACK})`, NETWORK),
  row("TCP bind and listen", `${TCP} bind($s, sockaddr_in(0, ${LOOPBACK})) && listen($s, 1)`, NETWORK),
  row("socket(AF_UNIX)", `${UNIX} 1`, ALWAYS),
  row("socketpair(AF_UNIX)", "socketpair my $x, my $y, AF_UNIX, SOCK_STREAM, 0", ALWAYS),
  row("connect to host socket", `${UNIX} connect $s, sockaddr_un($socket)`, "EPERM ok EPERM ok EPERM EPERM EPERM ok"),
  row(
    "own unix socket",
    `${UNIX} my $name = sockaddr_un("$workspace/own.sock"); bind($s, $name) && listen($s, 1) or return 0; ` +
      "socket(my $c, AF_UNIX, SOCK_STREAM, 0) or return 0; connect $c, $name",
    "EPERM EROFS EPERM ok EPERM EPERM EPERM ok",
  ),
  row("socket(AF_NETLINK)", "socket my $s, 16, SOCK_RAW, 0", NETWORK),
  row("socket(AF_VSOCK)", "socket my $s, 40, SOCK_STREAM, 0", CLOSED),
  row("io_uring_setup", 'call(SYS_io_uring_setup, 1, my $room = "\\0" x 120)', CLOSED),
  row("ptrace", "child(sub { call(SYS_ptrace, 0, 0, 0, 0) })", NETWORK),
  row("process_vm_readv", "call(SYS_process_vm_readv, $$, 0, 0, 0, 0, 0)", NETWORK),
  row("unshare(CLONE_NEWUSER)", "child(sub { call(SYS_unshare, 0x10000000) })", ALWAYS),
  row("signal 0 to a host pid", "kill 0, $hostpid", "ESRCH ESRCH ESRCH ESRCH ESRCH ESRCH EPERM EPERM"),
  row("host pid in /proc", 'return \\(-e "/proc/$hostpid" ? "yes" : "no")', "no no no no no no yes yes"),
  row(
    "setuid(65534)",
    "child(sub { call(SYS_setuid, 65534) })",
    "EINVAL EINVAL EINVAL EINVAL EINVAL EINVAL EPERM EPERM",
  ),
  row(
    "interfaces in /proc/net/dev",
    "open(my $f, '<', '/proc/net/dev') or return 0; return \\(scalar(grep(/:/, <$f>)) > 1 ? 'all' : 'lo')",
    "lo all lo all lo lo all all",
  ),
];

/** Every attempt of the truth table, in its order. */
export const ROWS: readonly Row[] = [...FILES, ...SYSTEM];
