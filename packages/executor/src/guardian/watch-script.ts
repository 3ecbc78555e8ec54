/**
 * What the guardian does, as a shell program: `sh -c SCRIPT NAME MARK IDENTITY REGISTRIES GROUPS SWEEP…`, where `SWEEP…` is the command
 * of the sweep. `REGISTRIES`, joined by colons, is what the paths of registries of mount targets begin with; their users are files that are called
 * `IDENTITY` and a number. `GROUPS`, one on each line, is what the paths of control groups begin with that the executor may have made.
 *
 * A shell waits in one megabyte where Node needs forty. Its standard input is a pipe whose other end only the executor
 * holds, so it ends with the executor, however that ends. Then it becomes the sweep; a look by grep and at the registries spares
 * that where nothing is left. The look may not be what keeps the sweep from running (no grep, or no process to be had
 * because a child took them all), so the sweep is what happens at the script's end, and only a clean "no" calls it off.
 */
export const WATCH_SCRIPT = `
trap '' HUP INT QUIT TERM
while read -r _; do :; done
mark=$1 identity=$2 registries=$3 groups=$4
shift 4
trap 'exec "$@"' EXIT
grep -qs "^Max realtime timeout *$mark[0-9]\\{9\\} " /proc/[0-9]*/limits
[ $? -eq 1 ] || exit
IFS=:
for registry in $registries; do
  for use in "$registry"*/*/"$identity".*; do [ ! -e "$use" ] || exit; done
done
IFS='
'
set -f
for group in $groups; do
  set +f
  for use in "$group"*; do [ ! -e "$use" ] || exit; done
done
trap - EXIT
`;
