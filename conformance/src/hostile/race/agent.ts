import { ARENA, NAMES, SECRET, type World } from "./world.ts";

const SYS_RENAMEAT2: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };

/**
 * A hostile command: at random it renames, links, exchanges, removes and makes what it finds where it may write, goes for every
 * name that looks like somebody's work in progress, and tries the ways to what is denied to it. It says `LEAK` with a path when
 * it has read a secret, and at its end how often each of its deeds succeeded.
 *
 * Links lead to places of the world only, never to the root of the disk: what follows one by mistake must do no harm.
 */
const AGENT = String.raw`
use Fcntl; use Time::HiRes qw(time);
our ($root, $secret, $renameat2, $seed, $until) = @ARGV[0..4];
$| = 1; srand($seed); $SIG{TERM} = sub { $until = 0 }; umask 0;
our @arena = map { "$root/$_" } split / /, $ARGV[5];
our @names = split / /, $ARGV[6];
our @goals = map { "$root/$_" } qw(outside outside/file outside/folder outside/folder/file home/.profile home/private
  project/conf/deep/key project/vault project/vault/key project/certs/a.pem project/kept/deep/file project/.git project/.git/config source/small safe);
our @pinned = map { "$root/$_" } qw(project/conf project/conf/deep project/certs project/vault project/kept project/kept/deep project/.git project local tmp);
our (%tried, %done);
sub one { $_[int rand @_] }
sub place { my $folder = one(@arena); return $folder . "/" . one(@names) . (rand() < .3 ? "/" . one(@names) : "") }
sub deed { my ($what, $body) = @_; $tried{$what}++; $done{$what}++ if $body->() }
sub exchange { my ($a, $b) = @_; syscall($renameat2, -100, $a, -100, $b, 2) == 0 }
sub peek { my ($path) = @_; sysopen(my $f, $path, O_RDONLY|O_NONBLOCK) or return 0; my $text = ""; sysread($f, $text, 200);
  print "LEAK $path\n" if index($text, $secret) >= 0; 1 }
sub put { my ($path) = @_; sysopen(my $f, $path, O_WRONLY|O_CREAT|O_NONBLOCK, 0666) or return 0; syswrite($f, "agent\n"); 1 }
sub found { my ($folder) = @_; opendir(my $d, $folder) or return (); grep { !/^\.\.?$/ } readdir $d }
our @deeds = (
  sub { my ($a, $b) = (place(), place()); deed("rename", sub { rename $a, $b }) },
  sub { my ($a, $b) = (place(), place()); deed("exchange", sub { exchange($a, $b) }) },
  sub { my $a = place(); my $to = one(@goals, @arena); deed("link", sub { symlink $to, $a }) },
  sub { my $a = place(); my $to = one("../../outside", "../outside/folder", "../../../home", "n1", "../c/n2"); deed("relative link", sub { symlink $to, $a }) },
  sub { my ($a, $b) = (place(), one(@goals, place())); deed("hard link", sub { link $b, $a }) },
  sub { my $a = place(); deed("folder", sub { mkdir $a }) },
  sub { my $a = place(); deed("remove", sub { unlink($a) || rmdir($a) }) },
  sub { my $a = place(); deed("pipe", sub { system("/usr/bin/mkfifo", $a) == 0 }) if rand() < .05 },
  sub { my $a = place(); deed("write", sub { put($a) }) },
  sub { my $a = place(); deed("mode", sub { chmod one(0777, 0755, 0711), $a }) },
  # Somebody's work in progress, and where it goes to: aside with it, and something else in its place.
  sub { for my $folder (@arena, "$root/project", map { "$root/local/$_" } found("$root/local")) {
    for my $name (found($folder)) { next unless $name =~ /^\.holdfast|^(up|down)\d/; my $at = "$folder/$name"; my $aside = place();
      deed("ambush", sub { my $kind = int rand 5;
        return rename($at, $aside) && symlink(one(@goals), $at) if $kind == 0;
        return symlink(one(@goals), $aside) && exchange($aside, $at) if $kind == 1;
        return put($at) if $kind == 2;
        my @in = found($at); return 0 unless @in; my $child = "$at/" . one(@in);
        return unlink($child) && symlink(one(@goals), $child) if $kind == 3;
        symlink(one(@goals), $aside) && exchange($aside, $child) }) } } },
  sub { my ($a, $b) = (one(@pinned), place()); deed("move what is kept", sub { rename $a, $b }) },
  sub { my ($a, $b) = (one(@pinned), place()); mkdir $b; deed("exchange what is kept", sub { exchange($a, $b) }) },
  sub { my $a = one(@goals); deed("write what is kept", sub { put($a) }) if $a !~ m{/(tmp|local)$} },
  sub { my $a = one(@goals, map { my $p = $_; map { "$p/$_" } ("deep/key", "key", "a.pem", "b.pem") } map { place() } 1..3); deed("peek", sub { peek($a) }) },
  sub { my $at = place(); my $goal = one(@goals); symlink $goal, $at; deed("peek by a link", sub { peek($at) }) },
);
print "up\n";
while (time() < $until) { one(@deeds)->() for 1..20 }
print "DID ", join(" ", map { s/ /-/gr . "=" . ($done{$_} // 0) . "/" . $tried{$_} } sort keys %tried), "\n";
`;

/** @param untilSeconds - Seconds since 1970 at which the agent ends by itself. */
export function agentCommand(world: World, seed: number, untilSeconds: number): readonly string[] {
  const number = SYS_RENAMEAT2[process.arch];
  if (number === undefined) throw new Error(`no system call numbers for ${process.arch}`);
  const words = [
    world.root,
    SECRET,
    String(number),
    String(seed),
    String(untilSeconds),
    ARENA.join(" "),
    NAMES.join(" "),
  ];
  return ["/usr/bin/perl", "-e", AGENT, ...words];
}

/** How often each deed of an agent succeeded and was tried, by its name. */
export function deedsOf(output: string): ReadonlyMap<string, readonly [done: number, tried: number]> {
  const deeds = new Map<string, [number, number]>();
  for (const line of output.split("\n")) {
    if (!line.startsWith("DID ")) continue;
    for (const [, name = "", done, tried] of line.matchAll(/([a-z-]+)=(\d+)\/(\d+)/g)) {
      const sum = deeds.get(name) ?? [0, 0];
      deeds.set(name, [sum[0] + Number(done), sum[1] + Number(tried)]);
    }
  }
  return deeds;
}

/** Paths by which an agent has read a secret. */
export function leaksOf(output: string): readonly string[] {
  return output.split("\n").flatMap((line) => (line.startsWith("LEAK ") ? [line.slice(5)] : []));
}
