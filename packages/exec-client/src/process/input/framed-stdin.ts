/**
 * What `sh` does so that a command gets a stdin that ends: the wire can send bytes to a process, and not close its stdin.
 *
 * The executor's pipe carries frames: a line with a count, that many bytes, and so on until a count of 0. `feed` takes them
 * off. Nothing that it makes can be reached by a name, since confined commands may put things of their own where names are;
 * and nothing that it sets outlives it in the command: variables are set in subshells only.
 *
 * Few programs are known to leave alone what comes after their bytes: GNU's `head`, and a `dd` that fills its blocks.
 */
const FEED = `
feed() {
  PATH=/usr/bin:/bin:$PATH
  case $(head --version 2>&1) in
  *GNU*) take() { head -c "$1"; } ;;
  *) if dd bs=1 count=1 iflag=fullblock </dev/zero >/dev/null
    then take() { dd bs="$1" count=1 iflag=fullblock; }
    else take() { dd ibs=1 obs=65536 count="$1"; }
    fi ;;
  esac
  while IFS= read -r count && [ "$count" != 0 ]; do take "$count" || exit; done
  [ "$count" = 0 ]
}`;

/** What is sent to the group is meant for the command. Set before anything is forked: a helper must not feel the first one. */
const SIGNALS = "HUP INT QUIT TERM USR1 USR2 ALRM";
const UNDISTURBED = `trap "" ${SIGNALS}`;

/**
 * A pipe between two children is opened once more, by the descriptor of one of them that is held still meanwhile. Then the
 * command takes the place of this shell: its exit, its signals and its process group are its own, and it has no children
 * that it does not know. Where there is no such way to a descriptor, it runs below this shell, in its group.
 */
const STREAM = `${FEED}
trap 'echo "$0: stdin could not be handed over there" >&5' EXIT
exec 3<&0 4>&1 5>&2 </dev/null >/dev/null 2>&1
${UNDISTURBED}
if [ /proc/self -ef "/proc/$$" ]; then
  { { exec <&3 3<&- 4>&- 5>&-; feed; } & } | { PATH=/usr/bin:/bin:$PATH; exec sleep 60 3<&- 4>&- 5>&-; } &
  until [ -p "/proc/$!/fd/0" ]; do kill -0 $! || exit 1; done
  exec <"/proc/$!/fd/0"
  kill -9 $!
  wait
  trap - EXIT ${SIGNALS}
  exec >&4 2>&5 3<&- 4>&- 5>&-
  exec "$@"
fi
trap - EXIT
{ { exec <&3 3<&- 4>&- 5>&-; feed; } & } | {
  trap - ${SIGNALS}
  exec >&4 2>&5 3<&- 4>&- 5>&-
  exec "$@"
}`;

/**
 * A file is collected where no confined command looks: each has a folder of its own at that place. It has no name any more
 * before the first byte is in it.
 *
 * What collects it is in the background, where an interrupt does not reach it: one that comes right behind a fork is lost to a child, and a shell
 * hears of its own only when what it waits for in the foreground has ended.
 */
const FILE = `${FEED}
interrupted() {
  kill "$!" 2>/dev/null
  echo "$0: interrupted before the command was started" >&2
  exit 130
}
trap 'holdfast_is_interrupted=yes' INT
set -- "$(trap "" INT; PATH=/usr/bin:/bin:$PATH; mktemp -d /dev/shm/holdfast-XXXXXXXXXX 2>/dev/null)" "$@"
if [ -d "$1" ]; then
  exec 3>"$1/stdin" 4<"$1/stdin"
  ( trap "" INT; PATH=/usr/bin:/bin:$PATH; rm -rf -- "$1" )
fi
trap interrupted INT
[ "$holdfast_is_interrupted" != yes ] || interrupted
if [ -z "$1" ]; then
  echo "$0: stdin as a file needs a /dev/shm there that can be written; stream it instead" >&2
  exit 1
fi
shift
exec 5<&0
( exec <&5 >&3 2>/dev/null 3>&- 4<&- 5<&-; feed ) &
exec 5<&-
if ! wait "$!"; then
  echo "$0: /dev/shm there has no room for all of stdin; stream it instead" >&2
  exit 1
fi
trap - INT
exec <&4 3>&- 4<&-
exec "$@"`;

const SCRIPTS = { stream: STREAM, file: FILE } as const;

/** Name that `sh` gives itself in the message about a command that cannot be started. */
const SHELL_NAME = "holdfast";

/**
 * What to start, with a pipe as stdin, so that `argv` runs with the bytes of the frames as its stdin. `stream`: as they
 * come; `file`: as a file that can be sought in, once all of them have come.
 */
export function withFramedStdin(kind: keyof typeof SCRIPTS, argv: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", SCRIPTS[kind], SHELL_NAME, ...argv];
}

/** The frame that tells the end. */
export const END_FRAME: Uint8Array = new TextEncoder().encode("0\n");

/** What a frame has besides its bytes, at most: their count and a line feed. */
export const FRAME_HEADER_MAX_BYTES = 16;

/** One frame: a count and that many bytes. */
export function frameOf(bytes: Uint8Array): Uint8Array {
  const header = new TextEncoder().encode(`${bytes.byteLength}\n`);
  const frame = new Uint8Array(header.byteLength + bytes.byteLength);
  frame.set(header);
  frame.set(bytes, header.byteLength);
  return frame;
}
