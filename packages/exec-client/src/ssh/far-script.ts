/** The oldest Node that the program runs on, as a pattern of a shell on what `node --version` prints. */
const RECENT_NODE = "v22.1[5-9].*|v22.[2-9][0-9].*|v2[3-9].*|v[3-9][0-9].*|v[1-9][0-9][0-9].*";

/** Where a Node is found that is not on the PATH of a command that ssh runs. Words of a shell, with patterns. */
const NODE_PLACES = [
  "$NODE",
  `${folder("NVM_DIR", ".nvm")}/versions/node/*/bin/node`,
  `${folder("FNM_DIR", ".local/share/fnm")}/node-versions/*/installation/bin/node`,
  "$HOME/.fnm/node-versions/*/installation/bin/node",
  `${folder("VOLTA_HOME", ".volta")}/tools/image/node/*/bin/node`,
  `${folder("MISE_DATA_DIR", ".local/share/mise")}/installs/node/*/bin/node`,
  `${folder("ASDF_DATA_DIR", ".asdf")}/installs/nodejs/*/bin/node`,
  "$HOME/.local/bin/node",
  "/usr/local/bin/node",
  "/usr/bin/node",
  "/opt/homebrew/bin/node",
  "/snap/bin/node",
];

/** What a variable names, or else a folder of the home. */
function folder(variable: string, ofHome: string): string {
  return `\${${variable}:-$HOME/${ofHome}}`;
}

/** Exit codes of `holdfast proxy` by which it says that it is not the one: none, too old to know the command, another release. */
const NOT_THIS_ONE = "1|2|78|126|127";

/** What the far end says in the first lines that begin with the marker. */
export type FarWord = "ready" | "need" | "error";

export interface FarScriptOptions {
  /** Begins each line of the script. Nobody else prints it. */
  readonly marker: string;
  /** The release of this side, if it is known. */
  readonly version: string | undefined;
  /** The folder of the program there; undefined: it is not put there. */
  readonly build: string | undefined;
}

/**
 * The command that ssh runs on the other machine: it becomes `holdfast proxy`, of a program that is there or is sent when the script asks
 * for it.
 *
 * The shell of the user takes it as one line, whichever it is (sh, fish, csh, …): in one pair of single quotes, with none of `'`, `!` or a
 * line break inside. The rest is for `sh`. It says, each in a line after the marker:
 *
 * - `ready`: messages follow.
 * - `need PLATFORM,ARCH,GLIBC`: a line with the base64 of the program that unpacks, then the packed files. With ` plain` behind it, where
 *   the program is there without native parts, the line `plain` has that one run.
 * - `error KIND TEXT`: it ends.
 */
export function farScript({ marker, version, build }: FarScriptOptions): string {
  const proxy = `proxy --announce ${marker}`;
  const installed = [
    `h=$(command -v holdfast)`,
    // A name without a slash is something of the shell's own.
    `case "$h" in /*) "$h" ${proxy}${version === undefined ? "" : ` --for ${version}`}; r=$?`,
    `case $r in ${NOT_THIS_ONE}) ;; *) exit $r;; esac;; esac`,
  ];
  const script =
    build === undefined
      ? [...installed, `echo "${marker} error no-program"`]
      : [...installed, ...bootstrap(marker, proxy, build)];
  return `exec sh -c '${script.join("; ")}'`;
}

function bootstrap(marker: string, proxy: string, build: string): readonly string[] {
  const run = `exec "$n" "$p/bin/holdfast.mjs" ${proxy} --build "$b"`;
  return [
    `c=\${XDG_CACHE_HOME:-$HOME/.cache}`,
    `case "$c" in /*) ;; *) c=$HOME/.cache;; esac`,
    `d=$c/holdfast`,
    `b=${build}`,
    `p=$d/$b`,
    `u=$(id -u)`,
    // Whether a folder is there. One that is a link, somebody else's, or open to others ends it.
    `k() { set -- "$1" $(ls -ldn "$1" 2>/dev/null)`,
    `test -n "$2" || return 1`,
    `case "$2 $4" in drwx------*" $u") return 0;; esac`,
    `echo "${marker} error cache $1"`,
    `exit 70`,
    `}`,
    `n=`,
    `if k "$d" && k "$p"; then read -r n <"$p/node"; test -x "$n" && ${run}; fi`,
    `n=`,
    `o=`,
    `NODE=$(command -v node)`,
    `for i in ${NODE_PLACES.map(quoted).join(" ")}; do test -x "$i" || continue`,
    `v=$("$i" --version 2>/dev/null)`,
    `case "$v" in ${RECENT_NODE}) n=$i; break;; v*) o="$o $v";; esac`,
    `done`,
    `test -n "$n" || { echo "${marker} error no-node$o"; exit 70; }`,
    `q=`,
    `if k "$d" && k "$p-plain"; then q=" plain"; fi`,
    `echo "${marker} need $("$n" -p "[process.platform,process.arch,process.report.getReport().header.glibcVersionRuntime?1:0].join()")$q"`,
    `IFS= read -r j || exit 70`,
    `test "$j" = plain || "$n" -e "eval(atob(process.argv[1]))" "$j" "$d" "$b" ${marker} || exit 70`,
    `k "$d"`,
    `k "$p" || { k "$p-plain" && p=$p-plain && b=$b-plain; }`,
    run,
  ];
}

/** Variables in it may hold blanks, patterns must stay patterns. */
function quoted(place: string): string {
  return place.replace(/[^*]+/g, '"$&"');
}
