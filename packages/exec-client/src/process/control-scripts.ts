/** Set in the environment of a process by which helper commands find it. */
export const PROCESS_MARK = "HOLDFAST_PROCESS";

/** Exit codes of the scripts below. */
export const CONTROL_DONE = 0;
/** The process is gone, or has left the environment that it was given. */
export const CONTROL_NOT_FOUND = 3;

/**
 * Finds the process whose environment has the mark, among the children of the executor, which this shell is one of: others may have
 * inherited the mark. Names in `status` are escaped, so that none can stand for a line. Few programs look behind the first NUL.
 */
const FIND = `
PATH=/usr/bin:/bin:$PATH
[ -r /proc/self/environ ] && [ -r /proc/self/status ] || exit 4
pid=
for each in /proc/[0-9]*; do
  parent=
  while read -r key value rest; do
    if [ "$key" = PPid: ]; then parent=$value; break; fi
  done <"$each/status"
  [ "$parent" = "$PPID" ] || continue
  if tr '\\000' '\\n' <"$each/environ" | grep -qxF "${PROCESS_MARK}=$1"; then pid=\${each#/proc/}; break; fi
done 2>/dev/null
[ -n "$pid" ] || exit ${CONTROL_NOT_FOUND}
`;

/**
 * What a sandbox confines has a group of its own, led by the first process of its namespace, which signals to the sandbox do not reach, or
 * which ends with the sandbox. Sets `group` to it if `$1` says so, and else to the group of the process.
 */
const GROUP = `
group=$pid
below() {
  above=$1
  while [ -n "$above" ] && [ "$above" -gt 1 ]; do
    [ "$above" != "$pid" ] || return 0
    parent=
    while read -r key value rest; do
      if [ "$key" = PPid: ]; then parent=$value; break; fi
    done <"/proc/$above/status"
    above=$parent
  done
  return 1
}
if [ "$1" = confined ]; then
  for each in /proc/[0-9]*; do
    first= parent=
    while read -r key value inner rest; do
      case $key in
      PPid:) parent=$value ;;
      NSpid:) first=$inner; break ;;
      esac
    done <"$each/status"
    if [ "$first" = 1 ] && below "$parent"; then group=\${each#/proc/}; break; fi
  done 2>/dev/null
fi
`;

/** `$1`: the mark, `$2`: `confined` or not, `$3`: the signal without `SIG`. */
const SIGNAL = `${FIND}
shift
${GROUP}
kill "-$2" "-$group" 2>/dev/null || kill "-$2" "$pid" 2>/dev/null || exit ${CONTROL_NOT_FOUND}`;

/** `$1`: the mark, `$2`: `confined` or not, `$3` and `$4`: rows and columns. */
const RESIZE = `${FIND}
shift
for fd in 0 1 2; do
  stty rows "$2" cols "$3" <"/proc/$pid/fd/$fd" || continue
  ${GROUP}
  # Another session than that of the terminal is not told by it.
  [ "$group" = "$pid" ] || kill -WINCH "-$group"
  exit 0
done 2>/dev/null
exit 5`;

/**
 * `$1`: the mark. Kills whatever has it in its environment, which is all that descends from the process, wherever it went, and until no look
 * finds another. Nothing else has it: neither this shell nor what it starts. What dies has no environment any more a moment before it is dead.
 */
const END = `
PATH=/usr/bin:/bin:$PATH
[ -r /proc/self/environ ] || exit 4
for look in 1 2 3 4 5; do
  found=$(grep -lF "${PROCESS_MARK}=$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -n "$found" ] || exit ${CONTROL_DONE}
  for each in $found; do
    each=\${each#/proc/}
    kill -KILL "\${each%/environ}"
  done 2>/dev/null
  for each in $found; do
    asked=0
    while [ $asked -lt 200 ] && grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "\${each%/environ}/status"; do asked=$((asked + 1)); done
  done
done`;

/** `$1` and `$2`: rows and columns, then the command. */
const SIZED = `
stty rows "$1" cols "$2" || { echo "$0: cannot set the size of the terminal" >&2; exit 125; }
shift 2
exec "$@"`;

function shell(script: string, ...words: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", script, "holdfast", ...words];
}

/** By what a helper command finds a process. */
export interface MarkedProcess {
  /** In its environment. */
  readonly mark: string;
  /** Whether it runs in a sandbox. */
  readonly isConfined: boolean;
}

/** Sends a signal to the group of the marked process. */
export function signalCommand({ mark, isConfined }: MarkedProcess, signal: string): readonly string[] {
  return shell(SIGNAL, mark, isConfined ? "confined" : "plain", signal.replace(/^SIG/, ""));
}

/** Kills all that descends from the marked process. */
export function endCommand({ mark }: MarkedProcess): readonly string[] {
  return shell(END, mark);
}

/** Sets the size of the terminal of the marked process. */
export function resizeCommand(
  { mark, isConfined }: MarkedProcess,
  { rows, columns }: { rows: number; columns: number },
): readonly string[] {
  return shell(RESIZE, mark, isConfined ? "confined" : "plain", String(rows), String(columns));
}

/** Runs a command in the terminal of this size that it is started in. */
export function withTerminalSize(
  { rows, columns }: { rows: number; columns: number },
  argv: readonly string[],
): readonly string[] {
  return shell(SIZED, String(rows), String(columns), ...argv);
}
