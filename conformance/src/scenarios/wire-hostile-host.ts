import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { endChild, ownChild } from "../owned.ts";
import { HOLDFAST_BIN } from "../places.ts";
import { assertContained, inCage } from "../sandbox/cage.ts";
import type { WireScenario } from "../scenario.ts";

const OPEN_DESCRIPTORS = `my @open = grep { /^\\d+$/ && defined readlink "/proc/self/fd/$_" } map { s|.*/||r } glob "/proc/self/fd/*";
  return \\(join ",", sort { $a <=> $b } @open)`;

/** More than a sandbox may hold, and no more than that. All end with the shell. */
const MANY_PROCESSES = "i=0; while [ $i -lt 4600 ]; do sleep 60 & i=$((i+1)); done; sleep 5; echo survived";

export const WIRE_HOSTILE_HOST: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.hostile-descriptors",
    sentence: "a command inherits its three streams and no other descriptor",
    requirements: ["sandbox.host"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      const inheritable = { shellPrelude: "exec 7</etc/hostname 9</etc" };
      await inCage(
        context,
        async (cage) => {
          for (const tty of [false, true]) {
            const answers = await cage.attempt({ descriptors: OPEN_DESCRIPTORS }, { tty });
            assert.equal(answers.get("descriptors"), "0,1,2", tty ? "with a terminal" : "without a terminal");
          }
        },
        inheritable,
      );
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-signals",
    sentence: "processes of the host can't be seen, signalled or held",
    requirements: ["sandbox.host"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const attempts = {
          "signal this program": "kill 0, $hostpid",
          "signal the executor": "kill 0, $executor",
          "signal its group": "kill 0, -$executor",
          "hold the executor": "call(SYS_pidfd_open, $executor, 0)",
          "see the executor": 'return \\(-e "/proc/$executor" ? "yes" : "no")',
          "see a process of the executor's":
            "return \\((grep { open(my $f, '<', $_) && join('', <$f>) =~ /exec-server|holdfast\\.mjs/ } glob '/proc/[0-9]*/cmdline') > 1 ? 'yes' : 'no')",
        };
        assertContained(await cage.attempt(attempts));
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-proc-root",
    sentence: "no process entry of /proc leads to the host's files",
    requirements: ["sandbox.host", "sandbox.links"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const roots = [
          "self/root",
          "1/root",
          "2/root",
          "thread-self/root",
          "self/cwd/../../../..",
          "1/cwd/../../../..",
        ];
        const attempts = roots.flatMap((root) => [
          [`write by ${root}`, `put("/proc/${root}$outside/file")`],
          [`create by ${root}`, `create("/proc/${root}$outside/new")`],
        ]);
        assertContained(
          await cage.attempt({
            ...Object.fromEntries(attempts),
            "write by a descriptor": 'open(my $f, "<", "$outside/file") or return 0; put("/proc/self/fd/" . fileno $f)',
            "memory of process 1":
              "sysopen my $f, '/proc/1/mem', O_RDWR and sysseek($f, 4096, 0) and sysread($f, my $b, 1)",
          }),
        );
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-unix-sockets",
    sentence: "neither named nor abstract unix sockets of the host can be reached, by stream or datagram",
    requirements: ["sandbox.host"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ attempt, playground }) => {
        const name = `holdfast-${playground.mark}`;
        const abstract = createServer((peer) => peer.destroy()).listen(`\0${name}`);
        await once(abstract, "listening");
        const datagrams = `${playground.outside}/datagrams.sock`;
        const script =
          "use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0); bind($s, sockaddr_un($ARGV[0])) or die; $|=1; print 'up'; sleep 60";
        const listener = ownChild(
          spawn("/usr/bin/perl", ["-e", script, datagrams], { stdio: ["ignore", "pipe", "inherit"] }),
        );
        await once(listener.stdout, "data");
        const message =
          'my ($to, $data) = (pack_sockaddr_un($where), "x"); my $part = pack("PQ", $data, 1); ' +
          'my $m = pack("PLx4PQQQLx4", $to, length $to, $part, 1, 0, 0, 0); call(SYS_sendmsg, fileno $s, $m, 0)';
        try {
          assertContained(
            await attempt({
              abstract: `socket(my $s, AF_UNIX, SOCK_STREAM, 0) or return 0; connect $s, pack("Sa*", AF_UNIX, "\\0${name}")`,
              named: "socket(my $s, AF_UNIX, SOCK_STREAM, 0) or return 0; connect $s, sockaddr_un($socket)",
              datagram: `my $where = "${datagrams}"; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or return 0; ${message}`,
              "datagram from a pair": `my $where = "${datagrams}"; socketpair(my $s, my $t, AF_UNIX, SOCK_DGRAM, 0) or return 0; ${message}`,
            }),
          );
        } finally {
          abstract.close();
          await endChild(listener);
        }
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-executor-files",
    sentence: "the executor's own files can't be changed from inside, nor what it keeps for its sandboxes",
    requirements: ["sandbox.host"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const answers = await cage.attempt({
          "its program": `sysopen my $f, q{${HOLDFAST_BIN}}, O_WRONLY`,
          "its interpreter": `sysopen my $f, q{${process.execPath}}, O_WRONLY`,
          "the wrapper": "sysopen my $f, '/usr/bin/bwrap', O_WRONLY",
          "its records": `my @kept = glob("{/dev/shm,$temporary}/{holdfast-targets,codex-bwrap}*"); for (@kept) { return 1 if create("$_/new-$mark") } $! = 2; 0`,
          "its environment": "get('/proc/$executor/environ')",
        });
        assertContained(answers);
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-fork-bomb",
    sentence: "a command that starts thousands of processes is ended, and the executor goes on",
    requirements: ["sandbox.host"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const { output, exitCode } = await cage.shell(MANY_PROCESSES, {}, 60_000);
        assert.ok(!output.includes("survived"), "nothing held the command");
        assert.notEqual(exitCode, 0);
        assert.equal((await cage.shell("echo still here")).output, "still here\n");
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-leftovers",
    sentence: "what a command leaves in the background ends with it",
    requirements: ["sandbox.host"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const late = `${cage.playground.workspace}/late`;
        const script = `(setsid sh -c 'echo up > ready; sleep 1; echo x > ${late}' >/dev/null 2>&1 &); while [ ! -s ready ]; do sleep 0.05; done`;
        assert.equal((await cage.shell(script)).exitCode, 0);
        // Nothing tells that something does not happen: another command waits longer than the first one's remainder.
        const { output } = await cage.shell(`sleep 2; test -e ${late} && echo left`);
        assert.equal(output, "", "a background process went on");
      });
    },
  },
];
