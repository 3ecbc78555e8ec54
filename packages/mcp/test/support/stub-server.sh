#!/bin/sh
# An MCP server in a few lines of a shell, which starts in a millisecond: `sh stub-server.sh MODE PIDS [LABEL]`.
# It writes `LABEL PID START`, and the same of what it starts, to the file PIDS. What it does is its MODE:
#   good      answers
#   family    answers, and has a child in its group
#   daemon    answers, and has a child that left its group and its streams
#   stubborn  answers, and ignores SIGTERM and the end of its input
#   silent    never answers
#   floods    writes 1 MiB to stderr without a line end, then answers
#   garbage   writes what is no message, and never answers
#   exits     writes a reason to stderr and exits with code 3
#   twice     answers everything twice
#   huge      answers a call with 100 MiB in one line
#   bursts    answers a call with what is no result
#   listless  never answers what its tools are
#   changes   tells before each answer to a call, 20 times, that its tools changed, and has one more at each listing
#   asks      asks for consent before it answers `initialize`
mode=$1 pids=$2 label=${3:-0}
# Ids are given again: a process is known by its id and the time of its start.
born() { read -r stat <"/proc/$1/stat"; set -- "$1" $stat; echo "$label $1 ${23}" >>"$pids"; }
note() { echo "$label $1" >>"$pids"; }
born $$
case $mode in
  family) sleep 1000 & born $! ;;
  daemon) setsid sh -c 'read -r stat </proc/$$/stat; pids=$1 label=$2; set -- $stat; echo "$label $$ ${22}" >>"$pids"; exec sleep 1000 </dev/null >/dev/null 2>&1' sh "$pids" "$label" & ;;
  stubborn) trap '' TERM ;;
  silent) while read -r line; do :; done; exit 0 ;;
  floods) head -c 1048576 /dev/zero | tr '\0' x >&2 ;;
  garbage) while read -r line; do echo 'Listening…'; echo '{"no": "message"}'; echo '[1,'; done; exit 0 ;;
  exits) echo 'no such database' >&2; exit 3 ;;
esac
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; if [ "$mode" = twice ]; then printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; fi; }
while read -r line; do
  id=${line##*'"id":'} id=${id%%[,\}]*}
  case $line in
    *'"method":"initialize"'*)
      if [ "$mode" = asks ]; then
        printf '{"jsonrpc":"2.0","id":77,"method":"elicitation/create","params":{"message":"May I?","requestedSchema":{"type":"object","properties":{}}}}\n'
        read -r reply
        note "$reply"
      fi
      answer '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"stub","version":"1.0.0"},"instructions":"A stub."}' ;;
    *'"method":"tools/list"'*)
      if [ "$mode" = listless ]; then note listing; continue; fi
      if [ "$mode" = changes ]; then
        note listing
        more="$more{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\"}},"
        answer "{\"tools\":[$more{\"name\":\"pid\",\"inputSchema\":{\"type\":\"object\"}}]}"
        continue
      fi
      answer '{"tools":[{"name":"pid","description":"Tells its process id.","inputSchema":{"type":"object"}},{"name":"hang","inputSchema":{"type":"object"}}]}' ;;
    *'"name":"hang"'*) note hanging ;;
    *'"method":"tools/call"'*)
      case $mode in
        changes)
          for each in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'; done
          answer '{"content":[]}' ;;
        huge) printf '{"jsonrpc":"2.0","id":%s,"result":"' "$id"; head -c 104857600 /dev/zero | tr '\0' x; echo '"}' ;;
        bursts) answer '{"content":"none"}' ;;
        *) answer "{\"content\":[{\"type\":\"text\",\"text\":\"$$\"}]}" ;;
      esac ;;
    *'"method":"notifications/cancelled"'*) note cancelled ;;
  esac
done
while [ "$mode" = stubborn ]; do sleep 1000; done
