const READABLE_SYSCTLS = [
  "hw.activecpu",
  "hw.byteorder",
  "hw.cacheconfig",
  "hw.cachelinesize",
  "hw.cpufamily",
  "hw.cputype",
  "hw.logicalcpu",
  "hw.logicalcpu_max",
  "hw.machine",
  "hw.memsize",
  "hw.model",
  "hw.ncpu",
  "hw.packages",
  "hw.pagesize",
  "hw.pagesize_compat",
  "hw.physicalcpu",
  "hw.physicalcpu_max",
  "hw.tbfrequency",
  "hw.vectorunit",
  "kern.argmax",
  "kern.boottime",
  "kern.hostname",
  "kern.maxfilesperproc",
  "kern.maxproc",
  "kern.ngroups",
  "kern.osproductversion",
  "kern.osrelease",
  "kern.ostype",
  "kern.osvariant_status",
  "kern.osversion",
  "kern.secure_kernel",
  "kern.usrstack64",
  "kern.version",
  "machdep.cpu.brand_string",
  "sysctl.proc_cputype",
  "vm.loadavg",
];

const READABLE_SYSCTL_PREFIXES = ["hw.optional.", "hw.perflevel", "kern.proc.pgrp.", "kern.proc.pid."];

const LOOKUPS = [
  "com.apple.PowerManagement.control",
  "com.apple.cfprefsd.agent",
  "com.apple.cfprefsd.daemon",
  "com.apple.cfprefsd.local",
  "com.apple.system.opendirectoryd.libinfo",
];

function each(filter: string, names: readonly string[]) {
  return names.map((name) => `  (${filter} "${name}")`).join("\n");
}

/** What every command gets: to be a process and to talk to its own kind. Everything else is denied. */
export const BASE_POLICY = `(version 1)
(deny default)

; Processes: its own, and those started by them.
(allow process-exec)
(allow process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow process-exec (literal "/bin/ps") (with no-sandbox))

(allow file-write-data
  (require-all (literal "/dev/null") (vnode-type CHARACTER-DEVICE)))

(allow sysctl-read
${each("sysctl-name", READABLE_SYSCTLS)}
${each("sysctl-name-prefix", READABLE_SYSCTL_PREFIXES)})

(allow iokit-open (iokit-registry-entry-class "RootDomainUserClient"))
(allow mach-lookup
${each("global-name", LOOKUPS)})
(allow user-preference-read)

; Semaphores, and what OpenMP registers its threads with.
(allow ipc-posix-sem)
(allow ipc-posix-shm-read-data ipc-posix-shm-write-create ipc-posix-shm-write-unlink
  (ipc-posix-name-regex #"^/__KMP_REGISTERED_LIB_[0-9]+$"))

; Terminals.
(allow pseudo-tty)
(allow file-read* file-write* file-ioctl (literal "/dev/ptmx"))
(allow file-read* file-write* file-ioctl
  (require-all (regex #"^/dev/ttys[0-9]+$") (extension "com.apple.sandbox.pty")))
(allow file-ioctl (regex #"^/dev/ttys[0-9]+$"))`;

/** What programs need to run at all: what \`minimal\` means on macOS. */
export const PLATFORM_DEFAULTS = `; The system's runtime, where it is granted.
(allow file-read* file-test-existence file-map-executable
  (subpath "/Library/Apple")
  (subpath "/Library/Frameworks")
  (subpath "/System")
  (subpath "/bin")
  (subpath "/opt/homebrew/lib")
  (subpath "/private/etc")
  (subpath "/private/var/db/dyld")
  (subpath "/private/var/db/timezone")
  (subpath "/sbin")
  (subpath "/usr")
  (literal "/")
  (literal "/dev/null")
  (literal "/dev/random")
  (literal "/dev/urandom")
  (literal "/dev/zero")
  (literal "/etc")
  (literal "/private")
  (literal "/private/var")
  (literal "/tmp")
  (literal "/var"))`;
