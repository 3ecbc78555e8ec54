/*
 * What `sh` does on executors that stage nothing themselves. It stays in one folder and holds by descriptor what it works on.
 * Anyone who may write in that folder can swap names at any time; so nothing is done to a name that nobody could foresee or that
 * was not compared with what is held, no link is gone through, and every word comes over its input, never from the disk.
 *
 * A name is `=NAME` where it is plain, else written for `printf %b`: arguments are text and names are bytes. Every command
 * is a line and is answered by one: `ok`, `ok mode` where permission bits could not be set, or `no` and why. The first answer comes unasked, from who
 * removes everything in the end: nothing is begun before that one is where no kill of the others reaches it.
 */

/** Arguments: the folder, the final name in it, the name that everything begins with, and `tree`, `file`, or `plain` for a file where no link may be. */
export const KEEPER = `
export LC_ALL=C
name() { case $1 in =*) n=\${1#=} ;; *) n=$(printf '%b_' "$1") n=\${n%_} ;; esac; }
name "$1" && here=$n && name "$2" && final=./$n base=./$3 kind=$4
fd=/proc/self/fd
[ -d "$fd" ] || fd=/dev/fd
flat=-T
[ "$(uname)" = Linux ] || flat=-h
exec 8<. 9>&1
no() { printf 'no %s\\n' "$*" >&9; }
ok() { printf 'ok %s\\n' "$*" >&9; }
real() { [ ! -L "$1" ] && [ "$1" -ef "$fd/$2" ]; }
links() { stat -L -c %h "$1" 2>/dev/null || stat -L -f %l "$1" 2>/dev/null; }
modeOf() {
  bits=$(stat -L -c %a "$1" 2>/dev/null || stat -L -f %Lp "$1" 2>/dev/null)
  case $bits in ????*) bits=\${bits#"\${bits%???}"} ;; esac
  printf %s "$bits"
}
readable() { [ -f "$1" ] && [ ! -L "$1" ] && { command exec 3<"$1"; } 2>/dev/null && real "$1" 3; }
hold() { readable "$1" && [ "$(links "$fd/3")" = 1 ]; }
size() { wc -c <"$fd/3"; }
linked() { no "it is a link to $(readlink "$1" | tr '\\n' ' '), and none is followed here; name what it leads to"; }
strange() { no "something else was put in the place of what was sent"; }
assemble() {
  mode=$1 total=$2 whole=./$4 fresh=./$3 said=
  shift 3
  hold "$whole" || { strange; return 1; }
  if [ "$#" -gt 2 ] || [ "$(size)" -ne "$total" ]; then
    left=
    { while [ "$#" -gt 0 ]; do
        hold "./$1" || { left=strange; break; }
        head -c "$2" <&3 || { left=full; break; }
        rm -f "./$1"
        shift 2
      done; } >"$fresh" || left=full
    case $left in strange) strange; return 1 ;; full) no "the parts can not be joined"; return 1 ;; esac
    whole=$fresh
    hold "$whole" || { strange; return 1; }
    [ "$(size)" -eq "$total" ] || { no "the parts do not have $total bytes"; return 1; }
  fi
}
dress() { [ "$mode" = - ] || [ "$mode" = + ] || chmod "$mode" "$fd/3" 2>/dev/null || said=mode; }
settle() {
  if [ "$kind" = plain ] && [ -L "$1" ]; then linked "$1"; return 1; fi
  if [ -d "$1" ]; then no "Is a directory (os error 21)"; return 1; fi
  [ -e "$1" ] || return 0
  [ -f "$1" ] || { no "it is neither a file nor a folder"; return 1; }
  [ -w "$1" ] || { no "Permission denied (os error 13)"; return 1; }
}
overwrite() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(links "$1")" = 1 ] || return 1
  dd of="$1" conv=nocreat oflag=nofollow bs=1048576 <"$fd/3" 2>/dev/null || return 1
  [ "$mode" = - ] || [ "$mode" = + ] || [ "$mode" = "$(modeOf "$1")" ] || said=mode
}
give() {
  why=$(mv -f "$flat" -- "$1" "$2" 2>&1) && return
  case $why in *busy*) overwrite "$2" && return ;; esac
  no "\${why##*: }"
  return 1
}
place() {
  assemble "$@" && settle "$final" || return 0
  [ "$mode" != - ] || [ ! -e "$final" ] || mode=$(modeOf "$final")
  dress
  give "$whole" "$final" && ok "$said"
}
at() {
  cd -P "$fd/$1/." 2>/dev/null || return 1
  shift
  up=$PWD
  for each; do
    name "$each"
    [ ! -L "./$n" ] && cd -P "./$n" 2>/dev/null && [ "$PWD" = "\${up%/}/$n" ] || return 1
    up=$PWD
  done
}
lost() { no "its folder is not there any more"; }
attempt() { if why=$("$@" 2>&1); then ok; else no "\${why##*: }"; fi; }
folder() {
  name "$1"
  if [ -d "./$n" ] && [ ! -L "./$n" ]; then ok; else attempt mkdir "./$n"; fi
}
tree() {
  case $(mv --version 2>/dev/null) in
  *GNU*) ;;
  *) no "a folder is sent safely to executors with GNU coreutils only; send a tar file, and unpack it there"; return ;;
  esac
  if [ -L "$final" ]; then linked "$final"; return; fi
  { [ -d "$final" ] || [ ! -e "$final" ]; } || { no "Not a directory (os error 20)"; return; }
  natural=$(printf %o "$((0777 & ~$(umask)))")
  why=$(mkdir -m 700 "$base.tree" 2>&1) || { no "\${why##*: }"; return; }
  { command exec 7<"$base.tree"; } 2>/dev/null && real "$base.tree" 7 || { strange; return; }
  [ -e "$final" ] || { ok new; return; }
  { command exec 6<"$final"; } 2>/dev/null && real "$final" 6 && ok merge || strange
}
file() {
  name "$1" && to=./$n fresh=./$2 mode=$3 bytes=$4
  shift 4
  at 7 "$@" || { head -c "$bytes" >/dev/null; lost; return; }
  { command exec 3>"$fresh"; } 2>/dev/null || { head -c "$bytes" >/dev/null; no "it can not be made there"; return; }
  why=$(head -c "$bytes" 2>&1 >&3) || { no "\${why##*: }"; exit 1; }
  said=
  dress
  exec 3>&-
  why=$(mv -f -T -- "$fresh" "$to" 2>&1) && ok "$said" || no "\${why##*: }"
}
double() {
  name "$1" && to=./$n fresh=./$2 mode=$3
  shift 3
  at 5 "$@" || { lost; return; }
  readable "$to" || { no "it is no file, or may not be read"; return; }
  exec 4<&3
  at 7 "$@" || { lost; return; }
  { command exec 3>"$fresh"; } 2>/dev/null || { no "it can not be made there"; return; }
  why=$(cat <&4 2>&1 >&3) || { rm -f "$fresh"; no "\${why##*: }"; return; }
  said=
  dress
  exec 3>&- 4<&-
  why=$(mv -f -T -- "$fresh" "$to" 2>&1) && ok "$said" || no "\${why##*: }"
}
adopt() {
  name "$1" && to=./$n depth=$2
  shift 2
  path=
  while [ "$depth" -gt 0 ]; do path="$path $1" depth=$((depth - 1)); shift; done
  cd -P "$fd/8/." && assemble "$@" || return 0
  dress
  at 7 $path || { lost; return; }
  why=$(mv -f -T -- "$fd/8/$whole" "$to" 2>&1) && ok "$said" || no "\${why##*: }"
}
move() {
  name "$1" && to=./$n
  shift
  at 7 "$@" && exec 5<. && at 6 "$@" || { lost; return; }
  if [ -d "$to" ]; then no "is a folder there"; return; fi
  why=$(mv -f -T -- "$fd/5/$to" "$to" 2>&1) && { ok; return; }
  case $why in
  *busy*) mode=- && { command exec 3<"$fd/5/$to"; } 2>/dev/null && overwrite "$to" && { ok; return; } ;;
  esac
  no "\${why##*: }"
}
commit() {
  said= mode=$1
  cd -P "$fd/8/." && why=$(mv -T -- "$base.tree" "$final" 2>&1) || { no "\${why##*: }"; return; }
  real "$final" 7 || { strange; return; }
  [ "$mode" != - ] || mode=$natural
  chmod "$mode" "$fd/7" 2>/dev/null || [ "$1" = - ] || said=mode
  ok "$said"
}
keep() {
  set -C -f
  while IFS= read -r line; do
    set -- $line
    verb=$1
    shift
    case $verb in
    place) place "$@" ;;
    tree) tree ;;
    dir) first=$1; shift; if at 7 "$@"; then folder "$first"; else lost; fi ;;
    link)
      name "$2" && target=$n && name "$1" && to=./$n
      shift 2
      if at 7 "$@"; then attempt ln -s -T -- "$target" "$to"; else lost; fi ;;
    file) file "$@" ;;
    adopt) adopt "$@" ;;
    from) name "$1"; if cd -P "$n" 2>/dev/null && exec 5<.; then ok; else lost; fi ;;
    double) double "$@" ;;
    commit) commit "$@" ;;
    enter) first=$1; shift; if at 6 "$@"; then folder "$first"; else lost; fi ;;
    move) move "$@" ;;
    mode) mode=$1; shift; if at "$@" && chmod "$mode" . 2>/dev/null; then ok; else ok mode; fi ;;
    *) return ;;
    esac
  done
}
[ "$(pwd -P; echo _)" = "$here
_" ] || { no "its folder is another one by now"; exit; }
[ "$kind" = tree ] || settle "$final" || exit
held=
[ ! -d "/proc/$$/cwd" ] || held=/proc/$$/cwd
remove='rm -f'
[ "$kind" != tree ] || remove='rm -rf'
apart=$(command -v setsid)
begun='printf "ok %s\\n" "$2" >&9; exec 9>&-; cat >/dev/null'
keep | (trap '' HUP INT TERM; exec $apart sh -c "$begun; $remove"' "$1".*' sh "$base" "$held" >/dev/null 2>&1 8<&-)
`;
