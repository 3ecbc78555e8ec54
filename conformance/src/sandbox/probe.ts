import { constants } from "node:os";

/**
 * What is tried inside a sandbox is a list of small Perl subs that run in one process. Perl, because the sandbox with the
 * least to read still has `/usr`: every Linux distribution ships Perl there, it makes raw system calls without a compiler,
 * and starts in a few milliseconds. A Node program would need its own installation to be readable inside.
 */
export interface Attempt {
  /** Unique in its list. */
  readonly id: string;
  /** Body of a sub: true for success, false with `$!` set, or a reference to the word that is the answer. */
  readonly perl: string;
}

const SYSCALLS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: {
    ptrace: 101,
    process_vm_readv: 310,
    io_uring_setup: 425,
    unshare: 272,
    setuid: 105,
    keyctl: 250,
    bpf: 321,
    perf_event_open: 298,
    mount: 165,
    umount2: 166,
    pivot_root: 155,
    open_by_handle_at: 304,
    pidfd_open: 434,
    pidfd_getfd: 438,
    setns: 308,
    sendmsg: 46,
    ioctl: 16,
    add_key: 248,
    mknodat: 259,
  },
  arm64: {
    ptrace: 117,
    process_vm_readv: 270,
    io_uring_setup: 425,
    unshare: 97,
    setuid: 146,
    keyctl: 219,
    bpf: 280,
    perf_event_open: 241,
    mount: 40,
    umount2: 39,
    pivot_root: 41,
    open_by_handle_at: 265,
    pidfd_open: 434,
    pidfd_getfd: 438,
    setns: 268,
    sendmsg: 211,
    ioctl: 29,
    add_key: 217,
    mknodat: 33,
  },
};

const PRELUDE = String.raw`
use Fcntl; use Socket;
$| = 1;
sub put { sysopen(my $f, $_[0], O_WRONLY|O_APPEND) or return 0; defined syswrite($f, "x") }
sub create { sysopen(my $f, $_[0], O_WRONLY|O_CREAT|O_EXCL, 0644) or return 0; 1 }
sub get { sysopen(my $f, $_[0], O_RDONLY) or return 0; defined sysread($f, my $b, 16) }
sub list { opendir(my $d, $_[0]) or return 0; 1 }
sub call { my ($number, @words) = @_; syscall($number, @words) != -1 }
sub child { my ($body) = @_; my $pid = fork; defined $pid or return 0;
  if (!$pid) { exit($body->() ? 0 : ($! + 0) || 255) }
  waitpid($pid, 0); return \("signal " . ($? & 127)) if $? & 127; my $code = $? >> 8; $! = $code; $code == 0 }
sub try { my ($id, $body) = @_; my $got = $body->(); my $errno = $! + 0;
  print "$id\t", ref $got ? $$got : $got ? "ok" : "errno $errno", "\n" }
`;

function perlText(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** A Perl program that tries everything in order. `names` become scalars of that name. */
export function probeProgram(attempts: readonly Attempt[], names: Readonly<Record<string, string | number>>): string {
  const numbers = SYSCALLS[process.arch];
  if (numbers === undefined) throw new Error(`no system call numbers for ${process.arch}`);
  const constantsOf = Object.entries(numbers).map(([name, number]) => `sub SYS_${name} () { ${number} }`);
  const scalars = Object.entries(names).map(([name, value]) => `our $${name} = ${perlText(String(value))};`);
  const tries = attempts.map(({ id, perl }) => `try(${perlText(id)}, sub { ${perl} });`);
  return [PRELUDE, ...constantsOf, ...scalars, ...tries].join("\n");
}

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** The name of a system's error number. */
export function errnoName(number: number): string {
  return ERRNO_NAMES.get(number) ?? `errno ${number}`;
}

/** Answers by id: `ok`, an error's name, or a word. */
export function parseAnswers(output: string): Map<string, string> {
  const answers = new Map<string, string>();
  for (const line of output.split("\n")) {
    const [, id, answer] = /^([^\t]+)\t(.+)$/.exec(line) ?? [];
    if (id === undefined || answer === undefined) continue;
    const errno = /^errno (\d+)$/.exec(answer)?.[1];
    answers.set(id, errno === undefined ? answer : errnoName(Number(errno)));
  }
  return answers;
}
