import type { BridgePlace, BridgeTool } from "./bridge-tools.ts";

/*
 * Programs that listen, for executors that do not. Host and port are their last two arguments, or the path of a unix socket the last one.
 *
 * On stdout each says `ready HOST PORT FOLDER` once it listens, and `new N` for a connection: whoever connects to the socket N in that folder, which is for
 * this user alone, is joined with it. On stdin they take `reset N`, which is answered by `gone N` when that connection is reset, and `quit`. What they can't do
 * is said on stderr, the name of the error first.
 *
 * A connection that does not end in order is reset: an end would say that all of it was there. Also when the program is killed, but for that in Node, which can
 * not say so beforehand.
 */

/** Two processes for each connection, one for each direction. */
const PERL = `use strict; use Errno; use POSIX (); use IO::Socket::IP; use IO::Socket::UNIX; use File::Temp (); use Socket qw(SOL_SOCKET SO_LINGER);
sub failed { my ($name) = grep { $!{$_} } keys %!; print STDERR $name || "EIO", " $!\\n"; exit 1 }
sub say { syswrite STDOUT, $_[0] }
sub linger { setsockopt $_[0], SOL_SOCKET, SO_LINGER, pack("ii", $_[1], 0) }
sub copy { my ($from, $to) = @_;
  while (1) { my $count = sysread $from, my $data, 65536; return 0 unless defined $count; last if $count == 0;
    my $at = 0; while ($at < $count) { my $done = syswrite $to, $data, $count - $at, $at; return 0 unless defined $done; $at += $done } }
  return shutdown $to, 1 }
my ($host, $port) = @ARGV; my $mask = umask 0177;
my $server = defined $port
  ? IO::Socket::IP->new(LocalHost => $host, LocalPort => $port, Type => SOCK_STREAM, Listen => 256, ReuseAddr => 1)
  : IO::Socket::UNIX->new(Local => $host, Type => SOCK_STREAM, Listen => 256);
failed() unless $server; umask $mask;
my $folder = eval { File::Temp::tempdir("holdfast-XXXXXX", TMPDIR => 1) } or failed();
$SIG{PIPE} = "IGNORE";
sub serve { my ($number, $near) = @_; my $other;
  $SIG{CHLD} = "DEFAULT"; $SIG{TERM} = sub { kill "KILL", $other if $other; POSIX::_exit(1) };
  my $door = IO::Socket::UNIX->new(Local => "$folder/$number", Type => SOCK_STREAM, Listen => 1) or POSIX::_exit(1);
  say("new $number\\n"); alarm 60; my $far = $door->accept or POSIX::_exit(1); alarm 0; close $door; unlink "$folder/$number";
  my $self = $$; $other = fork; POSIX::_exit(1) unless defined $other;
  if ($other == 0) { $SIG{TERM} = "DEFAULT"; my $done = copy($near, $far); kill "TERM", $self unless $done; POSIX::_exit(0) }
  unless (copy($far, $near)) { kill "KILL", $other; POSIX::_exit(1) }
  waitpid $other, 0; linger($near, 0); POSIX::_exit(0) }
my ($last, %numbers, %pids, $asked) = (0);
$SIG{CHLD} = sub {};
sub reap { while ((my $pid = waitpid -1, POSIX::WNOHANG()) > 0) { my $number = delete $numbers{$pid}; delete $pids{$number} if defined $number } }
sub quit { kill "TERM", $_ for keys %numbers; unlink glob "$folder/*"; rmdir $folder; unlink $host unless defined $port; exit 0 }
say("ready " . (defined $port ? $server->sockhost . " " . $server->sockport : "- 0") . " $folder\\n");
while (1) { reap(); my $bits = ""; vec($bits, fileno STDIN, 1) = 1; vec($bits, fileno $server, 1) = 1;
  next if select($bits, undef, undef, undef) < 0;
  if (vec $bits, fileno STDIN, 1) { my $count = sysread STDIN, $asked, 4096, length $asked; quit() unless $count;
    while ($asked =~ s/^(\\w+) ?(\\d*)\\n//) { quit() if $1 eq "quit"; my $number = $2; my $pid = $pids{$number};
      if ($pid) { kill "TERM", $pid; waitpid $pid, 0; delete $numbers{$pid}; delete $pids{$number}; unlink "$folder/$number" }
      say("gone $number\\n") } }
  next unless vec $bits, fileno $server, 1; my $near = $server->accept or next; linger($near, 1);
  $near->setsockopt(6, 1, 1) if defined $port; my $number = ++$last;
  if (keys %pids >= 512) { close $near; next }
  my $pid = fork; if (defined $pid && $pid == 0) { close $server; serve($number, $near) }
  $numbers{$pid} = $number, $pids{$number} = $pid if $pid; close $near }`;

const PYTHON = `import errno, os, selectors, shutil, socket, struct, sys, tempfile
def failed(error):
    name = errno.errorcode.get(getattr(error, "errno", None) or 0, "EIO")
    os.write(2, ("%s %s\\n" % (name, getattr(error, "strerror", None) or error)).encode())
    os._exit(1)
def say(text):
    os.write(1, text.encode())
try:
    isPath = len(sys.argv) == 2
    if isPath:
        mask = os.umask(0o177)
        server = socket.socket(socket.AF_UNIX)
        server.bind(sys.argv[1])
        os.umask(mask)
    else:
        server = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((sys.argv[1], int(sys.argv[2])))
    server.listen(256)
    server.setblocking(False)
    folder = tempfile.mkdtemp(prefix="holdfast-")
except OSError as error:
    failed(error)
loop = selectors.DefaultSelector()
pairs = {}
class Side:
    def __init__(self, number, sock):
        self.number, self.sock, self.other, self.data, self.ended, self.shut, self.mask = number, sock, None, b"", False, False, 0
        sock.setblocking(False)
    def watch(self):
        mask = (0 if self.ended or self.other.data else selectors.EVENT_READ) | (selectors.EVENT_WRITE if self.data else 0)
        if mask == self.mask:
            return
        if not self.mask:
            loop.register(self.sock, mask, self)
        elif mask:
            loop.modify(self.sock, mask, self)
        else:
            loop.unregister(self.sock)
        self.mask = mask
    def flush(self):
        if self.data:
            try:
                self.data = self.data[self.sock.send(self.data):]
            except BlockingIOError:
                pass
        if self.other.ended and not self.data and not self.shut:
            self.shut = True
            self.sock.shutdown(socket.SHUT_WR)
def linger(sock, on):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", on, 0))
def name(number):
    return os.path.join(folder, str(number))
def drop(number):
    pair = pairs.pop(number, ())
    for each in pair:
        sock = each.sock if isinstance(each, Side) else each
        try:
            loop.unregister(sock)
        except (KeyError, ValueError):
            pass
        sock.close()
    if pair and not isinstance(pair[1], Side):
        os.unlink(name(number))
def work(side, events):
    try:
        if events & selectors.EVENT_READ:
            data = side.sock.recv(65536)
            side.ended = not data
            side.other.data = data
        side.flush()
        side.other.flush()
        if side.shut and side.other.shut:
            linger(pairs[side.number][0].sock, 0)
            drop(side.number)
        else:
            side.watch()
            side.other.watch()
    except BlockingIOError:
        pass
    except OSError:
        drop(side.number)
def join(number):
    near, door = pairs[number]
    try:
        far = Side(number, door.accept()[0])
    except OSError:
        return
    loop.unregister(door)
    door.close()
    os.unlink(name(number))
    pairs[number] = (near, far)
    near.other, far.other = far, near
    near.watch()
    far.watch()
def come():
    global last
    try:
        sock = server.accept()[0]
    except OSError:
        return
    linger(sock, 1)
    if len(pairs) >= 512:
        sock.close()
        return
    if not isPath:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    last += 1
    door = socket.socket(socket.AF_UNIX)
    try:
        door.bind(name(last))
        door.listen(1)
    except OSError:
        sock.close()
        door.close()
        return
    door.setblocking(False)
    pairs[last] = (Side(last, sock), door)
    loop.register(door, selectors.EVENT_READ, last)
    say("new %d\\n" % last)
def quit():
    shutil.rmtree(folder, True)
    if isPath:
        os.unlink(sys.argv[1])
    os._exit(0)
last = 0
asked = b""
place = "- 0" if isPath else "%s %d" % server.getsockname()[:2]
say("ready %s %s\\n" % (place, folder))
loop.register(server, selectors.EVENT_READ, None)
try:
    loop.register(0, selectors.EVENT_READ, "asked")
except PermissionError:
    quit()
while True:
    for key, events in loop.select():
        if key.data is None:
            come()
        elif key.data == "asked":
            data = os.read(0, 4096)
            if not data:
                quit()
            *words, asked = (asked + data).split(b"\\n")
            for each in words:
                if each == b"quit":
                    quit()
                drop(int(each.split()[1]))
                say("gone %d\\n" % int(each.split()[1]))
        elif isinstance(key.data, int):
            if key.data in pairs:
                join(key.data)
        elif key.data.number in pairs:
            work(key.data, events)`;

const NODE = `const fs = require("fs"), net = require("net"), os = require("os"), path = require("path");
const { argv } = process; const [host, port] = argv.slice(1);
const failed = (error) => { fs.writeSync(2, (error.code || "EIO") + " " + error.message + "\\n"); process.exit(1); };
const say = (text) => fs.writeSync(1, text);
const pairs = new Map(); let last = 0, folder;
const reset = (socket) => { const go = () => socket.resetAndDestroy();
  if (port === undefined) socket.destroy();
  else if (socket.writableEnded && !socket.writableFinished && socket.writableLength === 0) socket.once("finish", go);
  else go(); };
const drop = (number) => { const pair = pairs.get(number); if (!pair) return; pairs.delete(number); clearTimeout(pair.timer);
  pair.door.close(); if (pair.far) pair.far.destroy(); reset(pair.near); };
const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
const server = net.createServer(options, (near) => {
  if (pairs.size >= 512) { near.on("error", () => {}); reset(near); return; }
  const number = ++last, pair = { near };
  pairs.set(number, pair);
  near.on("error", () => drop(number));
  pair.door = net.createServer({ allowHalfOpen: true }, (far) => {
    pair.door.close(); clearTimeout(pair.timer); pair.far = far;
    far.on("error", () => drop(number));
    near.pipe(far); far.pipe(near);
    let open = 2;
    for (const each of [near, far]) each.on("close", () => { open -= 1; if (open === 0) pairs.delete(number); });
  }).on("error", () => drop(number)).listen(path.join(folder, String(number)), () => say("new " + number + "\\n"));
  pair.timer = setTimeout(() => drop(number), 60000);
}).on("error", failed);
const quit = () => { fs.rmSync(folder, { recursive: true, force: true }); if (port === undefined) fs.rmSync(host, { force: true }); process.exit(0); };
const mask = port === undefined ? process.umask(0o177) : undefined;
server.listen(port === undefined ? { path: host } : { host, port: Number(port) }, () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "holdfast-"));
  const place = server.address();
  say("ready " + (port === undefined ? "- 0" : place.address + " " + place.port) + " " + folder + "\\n");
  let asked = "";
  process.stdin.on("end", quit).on("error", quit).on("data", (data) => {
    const words = (asked + data).split("\\n"); asked = words.pop();
    for (const each of words) { if (each === "quit") quit(); const number = Number(each.split(" ")[1]); drop(number); say("gone " + number + "\\n"); }
  });
});
if (mask !== undefined) process.umask(mask);`;

/** In the order in which they are wanted: what starts fastest first. The others can't hold a connection for a second program. */
export const LISTEN_TOOLS: readonly BridgeTool[] = ["perl", "python3", "node"];

/** The command that listens. @param tool - One of {@link LISTEN_TOOLS}. */
export function listenCommand(tool: BridgeTool, place: BridgePlace): readonly string[] {
  const at = "path" in place ? [place.path] : [place.host, String(place.port)];
  if (tool === "python3") return ["python3", "-c", PYTHON, ...at];
  return tool === "perl" ? ["perl", "-e", PERL, "--", ...at] : ["node", "-e", NODE, "--", ...at];
}
