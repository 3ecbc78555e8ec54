/*
 * Programs that join their stdin and stdout to a connection, for executors that open none themselves. Host and port are their
 * last two arguments, or the path of a unix socket the last one.
 *
 * Those in a language of scripts say on stderr, as `end N`, that the far side sends no more after N bytes: what is sent to it
 * goes on. The others end with the far side.
 */

const PERL = `use strict; use IO::Socket::IP; use IO::Socket::UNIX; my ($host, $port) = @ARGV; $SIG{PIPE} = "IGNORE";
sub broken { print STDERR $_[0] ? "$_[0]\\n" : "$!\\n"; exit 1 }
my $far = defined $port ? IO::Socket::IP->new(PeerHost => $host, PeerService => $port, Type => SOCK_STREAM, Timeout => 30)
  : IO::Socket::UNIX->new(Peer => $host, Type => SOCK_STREAM);
broken($@) unless $far; $far->blocking(1); $far->setsockopt(6, 1, 1) if defined $port;
sub copy { my ($from, $to) = @_; my $sum = 0;
  while (1) { my $count = sysread $from, my $data, 65536; broken() unless defined $count; return $sum if $count == 0; $sum += $count;
    my $at = 0; while ($at < $count) { my $done = syswrite $to, $data, $count - $at, $at; broken() unless defined $done; $at += $done } } }
my $child = fork; broken() unless defined $child;
if ($child == 0) { copy(*STDIN, $far); shutdown $far, 1; exit 0 }
my $sum = copy($far, *STDOUT); print STDERR "end $sum\\n"; waitpid $child, 0; exit($? ? 1 : 0)`;

const PYTHON = `import os, socket, sys, threading
def broken(error):
    os.write(2, (str(getattr(error, "strerror", None) or error) + "\\n").encode())
    os._exit(1)
try:
    if len(sys.argv) == 2:
        far = socket.socket(socket.AF_UNIX)
        far.connect(sys.argv[1])
    else:
        far = socket.create_connection((sys.argv[1], int(sys.argv[2])), 30)
        far.settimeout(None)
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
except OSError as error:
    broken(error)
def send():
    try:
        while True:
            data = os.read(0, 65536)
            if not data:
                break
            far.sendall(data)
        far.shutdown(socket.SHUT_WR)
    except OSError as error:
        broken(error)
sending = threading.Thread(target=send, daemon=True)
sending.start()
total = 0
try:
    while True:
        data = far.recv(65536)
        if not data:
            break
        total += len(data)
        while data:
            data = data[os.write(1, data):]
except OSError as error:
    broken(error)
os.write(2, b"end %d\\n" % total)
sending.join()`;

const NODE = `const { argv } = process; const [host, port] = argv.slice(1);
const place = port === undefined ? { path: host } : { host, port: Number(port) };
const far = require("net").connect({ ...place, allowHalfOpen: true, noDelay: true });
const broken = (error) => { require("fs").writeSync(2, (error.code || error.message) + "\\n"); process.exit(1); };
far.on("error", broken); process.stdin.on("error", broken); process.stdout.on("error", broken);
let total = 0;
far.on("data", (data) => { total += data.length; if (!process.stdout.write(data)) { far.pause(); process.stdout.once("drain", () => far.resume()); } });
far.on("end", () => process.stdout.write("", () => process.stderr.write("end " + total + "\\n")));
process.stdin.pipe(far);`;

/** The far side's end is all there is to see of it: the script ends then, and with it what is still to be sent. */
const BASH = `exec 4<&0; exec 3<>"/dev/tcp/$0/$1" || exit 1; cat <&4 >&3 & cat <&3; kill $! 2>/dev/null; exit 0`;

export type BridgeTool = "perl" | "python3" | "node" | "socat" | "nc" | "bash";

/** In the order in which they are wanted: what tells most of a connection first, and of those what starts fastest. */
const TRIALS: Readonly<Record<BridgeTool, string>> = {
  perl: "perl -MIO::Socket::IP -e 1",
  python3: "python3 -c 'import socket, threading'",
  node: "node -e 1",
  socat: "socat -V",
  nc: "nc -h 2>&1 | grep -q -e '-N[[:blank:]]*Shutdown'",
  bash: `bash -c 'exec 3<>/dev/tcp/127.0.0.1/none' 2>&1 | grep -q -v 'No such file'`,
};

/** A script that prints the name of the first of these tools that is there and works. */
export function findToolScript(tools: readonly BridgeTool[]): string {
  const trials = tools.map(
    (tool) =>
      `command -v ${tool} >/dev/null 2>&1 && { ${TRIALS[tool]}; } </dev/null >/dev/null 2>&1 && echo ${tool} && exit`,
  );
  return [...trials, "echo none"].join("\n");
}

/** All of them. */
export const BRIDGE_TOOLS = Object.keys(TRIALS) as readonly BridgeTool[];
/** Those that connect to a unix socket. */
export const SOCKET_TOOLS: readonly BridgeTool[] = BRIDGE_TOOLS.filter((tool) => tool !== "bash");

/** What a tool is told to connect to. */
export type BridgePlace = { readonly host: string; readonly port: number } | { readonly path: string };

/** What parts of an address of socat end at. */
const SOCAT_SPECIAL = /[^\w./-]/g;

/** The command that joins its stdin and stdout to a connection. */
export function bridgeCommand(tool: BridgeTool, place: BridgePlace): readonly string[] {
  const to = "path" in place ? [place.path] : [place.host, String(place.port)];
  if (tool === "perl") return ["perl", "-e", PERL, "--", ...to];
  if (tool === "python3") return ["python3", "-c", PYTHON, ...to];
  if (tool === "node") return ["node", "-e", NODE, "--", ...to];
  // Its patience, in seconds, with one direction when the other is over.
  if (tool === "socat") return ["socat", "-t", "86400", "STDIO", socatAddress(place)];
  // `-v`: else it does not say why there is no connection.
  if (tool === "nc") return ["nc", "-v", "-N", ...("path" in place ? ["-U"] : []), ...to];
  return ["bash", "-c", BASH, ...to];
}

function socatAddress(place: BridgePlace): string {
  if ("path" in place) return `UNIX-CONNECT:${place.path.replace(SOCAT_SPECIAL, "\\$&")}`;
  const { host, port } = place;
  return `TCP:${host.includes(":") ? `[${host}]` : host}:${port},nodelay`;
}
