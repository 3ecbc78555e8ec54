/**
 * What the guardian does, as a shell program: `sh -c SCRIPT NAME MARK SWEEP…`, where `SWEEP…` is the command of the sweep.
 *
 * A shell waits in one megabyte where Node needs forty. Its standard input is a pipe whose other end only the executor
 * holds, so it ends with the executor, however that ends. Then it becomes the sweep; a look by grep spares that
 * where nobody is left. The look may not be what keeps the sweep from running (no grep, or no process to be had
 * because a child took them all), so the sweep is what happens at the script's end, and only a clean "no" calls it off.
 */
export const WATCH_SCRIPT = `
trap '' HUP INT QUIT TERM
while read -r _; do :; done
mark=$1
shift
trap 'exec "$@"' EXIT
grep -qs "^Max realtime timeout *$mark[0-9]\\{9\\} " /proc/[0-9]*/limits
if [ $? -eq 1 ]; then trap - EXIT; fi
`;
