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

/** `$1`: the mark, `$2`: the signal without `SIG`. */
const SIGNAL = `${FIND}
kill "-$2" "-$pid" 2>/dev/null || kill "-$2" "$pid" 2>/dev/null || exit ${CONTROL_NOT_FOUND}`;

/** `$1`: the mark, `$2` and `$3`: rows and columns. */
const RESIZE = `${FIND}
for fd in 0 1 2; do
  stty rows "$2" cols "$3" <"/proc/$pid/fd/$fd" && exit 0
done 2>/dev/null
exit 5`;

/** `$1` and `$2`: rows and columns, then the command. */
const SIZED = `
stty rows "$1" cols "$2" || { echo "$0: cannot set the size of the terminal" >&2; exit 125; }
shift 2
exec "$@"`;

function shell(script: string, ...words: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", script, "holdfast", ...words];
}

/** Sends a signal to the group of the marked process. */
export function signalCommand(mark: string, signal: string): readonly string[] {
  return shell(SIGNAL, mark, signal.replace(/^SIG/, ""));
}

/** Sets the size of the terminal of the marked process. */
export function resizeCommand(mark: string, { rows, columns }: { rows: number; columns: number }): readonly string[] {
  return shell(RESIZE, mark, String(rows), String(columns));
}

/** Runs a command in the terminal of this size that it is started in. */
export function withTerminalSize(
  { rows, columns }: { rows: number; columns: number },
  argv: readonly string[],
): readonly string[] {
  return shell(SIZED, String(rows), String(columns), ...argv);
}
