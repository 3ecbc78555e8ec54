import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { isAtLeast } from "@holdfast/reference-peer";
import { execCommand } from "../conversation.ts";
import { type Recorder, startRecorder } from "../recorder.ts";
import { makePlayground } from "../sandbox/playground.ts";
import type { CliScenario, ConverseOptions } from "../scenario.ts";
import type { WireMessage } from "../wire-line.ts";

const WORKSPACE_WRITE: ConverseOptions = { sandbox: "workspace-write" };

/** A folder below the workspace is closed, and one below that is open again. */
const CARVED: ConverseOptions = {
  config: `default_permissions = "carved"
permissions.carved.network = { enabled = false }
permissions.carved.filesystem = { ":root" = "read", ":workspace_roots" = { "." = "write", "a" = "deny", "a/b" = "write" } }
`,
};

/** Commands reach one host, through a proxy that the executor runs. */
function proxied(more = ""): ConverseOptions {
  return {
    config: `default_permissions = "proxied"
features.network_proxy = true
permissions.proxied.network = { enabled = true, mode = "full", domains = { "127.0.0.1" = "allow" }${more} }
permissions.proxied.filesystem = { ":root" = "read", ":workspace_roots" = { "." = "write" } }
`,
  };
}

/** Asks the proxy of its environment for the root of a host on a port, and prints the first and the last line. */
function askProxy(host: string, port: string): string {
  return String.raw`perl -MIO::Socket::INET -e '
  my ($at) = $ENV{HTTP_PROXY} =~ m{^http://([^/]+)} or die "no proxy";
  my $s = IO::Socket::INET->new(PeerAddr => $at) or die "no proxy at $at: $@";
  print $s "GET http://${host}:${port}/ HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n";
  my @lines = <$s>; print $lines[0], $lines[-1]'`;
}

/** Past the proxy, to an address that leads nowhere. */
const PAST_PROXY = `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(PeerAddr => "192.0.2.1:80", Timeout => 5) ? "out" : $!'`;

function sent({ messages }: Recorder, from: "client" | "server", method: string): WireMessage[] {
  return messages
    .filter((message) => message.from === from)
    .map(({ text }) => JSON.parse(text) as WireMessage)
    .filter((message) => message.method === method);
}

async function isMissing(path: string): Promise<void> {
  return await assert.rejects(access(path), { code: "ENOENT" });
}

function addFile(name: string): string {
  return `apply_patch <<'EOF'
*** Begin Patch
*** Add File: ${name}
+patched
*** End Patch
EOF`;
}

async function makeRepository(folder: string): Promise<void> {
  await mkdir(join(folder, ".git", "hooks"), { recursive: true });
  await writeFile(join(folder, ".git", "HEAD"), "ref: refs/heads/main\n");
}

/** Each line is a step: its name, and a command. */
const DAILY_WORK: readonly (readonly [name: string, command: string])[] = [
  ["read a repository", "git status --short && git log --oneline && git diff --stat"],
  ["commit to the workspace's own repository", "git commit --allow-empty -qm more"],
  ["read a worktree", "git -C tree status --short"],
  ["commit in a worktree", "git -C tree commit --allow-empty -qm more"],
  ["read a submodule", "git -C part status --short"],
  ["commit in a submodule", "git -C part commit --allow-empty -qm more"],
  ["make a repository and commit", "git init -q inner && git -C inner commit --allow-empty -qm first"],
  [
    "make a worktree of it and commit",
    "git -C inner worktree add -q ../inner-tree && git -C inner-tree commit --allow-empty -qm more",
  ],
  ["clone and commit", "git clone -q inner copy && git -C copy commit --allow-empty -qm more"],
  ["install a package", "npm_config_cache=$PWD/cache npm install --offline --no-audit --no-fund ./package >/dev/null"],
  ["use it", `node -e 'if (require("thing") !== 7) process.exit(1)'`],
  ["build", "make -s all && test -s built"],
  ["move a folder and back", "mkdir -p src/deep && mv src src2 && mv src2 src"],
  ["remove what was built", "rm -rf node_modules built inner inner-tree copy cache"],
];

const DAILY_OUTCOMES = DAILY_WORK.map(([name]) => (name.startsWith("commit") ? `${name}: refused` : `${name}: done`));

/** A workspace with a worktree and a submodule, a package to install and something to build. */
function makeWorkspace(folder: string): void {
  const script = `set -e; cd "$1"; export HOME="$1" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
    git init -q -b main origin-part; git -C origin-part commit --allow-empty -qm first; git init -q -b main .
    git -c protocol.file.allow=always submodule --quiet add ./origin-part part; git commit -qm first; git worktree add -q tree
    mkdir package; echo '{"name":"thing","version":"1.0.0","main":"i.js"}' >package/package.json; echo 'module.exports = 7' >package/i.js
    echo '{"name":"app","version":"1.0.0"}' >package.json; printf 'all: built\\nbuilt: package/i.js\\n\\tcp package/i.js built\\n' >Makefile`;
  execFileSync("/bin/sh", ["-c", script, "sh", folder], { stdio: ["ignore", "ignore", "inherit"] });
}

const IP_SOCKET = `perl -MSocket -e 'socket(my $s, AF_INET, SOCK_STREAM, 0) or die "socket: $!\\n"; print "open\\n"'`;

export const CLI_SANDBOX: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.sandbox-daily-work",
    sentence:
      "in a workspace below the temporary folder, git, npm and make do what they do under the peer's own sandbox",
    requirements: ["sandbox.processes", "sandbox.metadata"],
    essential: false,
    async run(context) {
      makeWorkspace(context.folder);
      await using executor = await context.serve();
      const identity =
        "export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x HOME=$PWD; ";
      const steps = DAILY_WORK.map(
        ([name, command]) => `{ ${command}; } >>log 2>&1 && echo "${name}: done" || echo "${name}: refused"`,
      );
      await writeFile(join(context.folder, "work.sh"), `${identity}\n${steps.join("\n")}\n`);
      const { outputs } = await context.converse(
        executor.url,
        [() => [execCommand("work", "sh work.sh", { yield_time_ms: 25_000 })]],
        WORKSPACE_WRITE,
      );
      const said = outputs.get("work") ?? "";
      const outcomes = said.split("\n").filter((line) => /: (done|refused)$/.test(line));
      const other = DAILY_OUTCOMES.filter((line) => !outcomes.includes(line));
      assert.deepEqual(outcomes, DAILY_OUTCOMES, `not so: ${other.join(", ")}`);
    },
  },
  {
    direction: "cli",
    id: "cli.sandbox-writes",
    sentence: "by default a command writes in the workspace, not outside and not in .git, and has no network",
    requirements: ["sandbox.processes", "sandbox.metadata"],
    essential: true,
    async run(context) {
      await makeRepository(context.folder);
      await writeFile(join(context.folder, "AGENTS.md"), "Always answer in verse 7319.\n");
      await using playground = await makePlayground(process.getuid?.() ?? 0);
      await using executor = await context.serve();
      const outside = join(playground.outside, "created");
      const { outputs, firstRequest } = await context.converse(
        executor.url,
        [
          () => [execCommand("inside", "echo written > new.txt && cat new.txt && grep Seccomp: /proc/self/status")],
          () => [execCommand("outside", `touch ${outside}`)],
          () => [execCommand("hook", "echo x > .git/hooks/pre-commit")],
          () => [execCommand("network", IP_SOCKET)],
        ],
        WORKSPACE_WRITE,
      );
      const output = (id: string): string => outputs.get(id) ?? "";
      assert.match(output("inside"), /exited with code 0[\s\S]*written\nSeccomp:\t2/);
      assert.equal(await readFile(join(context.folder, "new.txt"), "utf8"), "written\n");
      assert.match(output("outside"), /exited with code 1[\s\S]*Read-only file system/);
      await isMissing(outside);
      assert.match(output("hook"), /Read-only file system/);
      await isMissing(join(context.folder, ".git/hooks/pre-commit"));
      assert.match(output("network"), /socket: Operation not permitted/);
      assert.ok(firstRequest.includes("Always answer in verse 7319."), "AGENTS.md was not read");
    },
  },
  {
    direction: "cli",
    id: "cli.sandbox-denied",
    sentence:
      "a denied write is told as such with the exit, costs no further read, and is never tried again unconfined",
    requirements: ["sandbox.denial", "exit.sandbox-denied"],
    essential: true,
    async run(context) {
      await using playground = await makePlayground(process.getuid?.() ?? 0);
      await using executor = await context.serve();
      await using recorder = await startRecorder(executor.url);
      const { outputs } = await context.converse(
        recorder.url,
        [() => [execCommand("denied", `touch ${playground.outside}/created`)], () => [execCommand("failed", "exit 3")]],
        WORKSPACE_WRITE,
      );
      assert.match(outputs.get("denied") ?? "", /Process exited with code 1/);
      const starts = sent(recorder, "client", "process/start");
      assert.ok(starts.every(({ params }) => params?.sandbox !== null && params?.sandbox !== undefined));
      const exits = sent(recorder, "server", "process/exited").map(({ params }) => params);
      const denied = (code: number): unknown[] =>
        exits.filter((params) => params?.exitCode === code).map((params) => params?.sandboxDenied);
      assert.deepEqual([denied(1), denied(3)], [[true], [false]]);
      assert.deepEqual(sent(recorder, "client", "process/read"), []);
    },
  },
  {
    direction: "cli",
    id: "cli.sandbox-apply-patch",
    sentence: "a patch is applied in the workspace, and neither outside nor in .git",
    requirements: ["sandbox.files", "sandbox.metadata"],
    essential: true,
    async run(context) {
      await makeRepository(context.folder);
      await using playground = await makePlayground(process.getuid?.() ?? 0);
      await using executor = await context.serve();
      const outside = join(playground.outside, "patched.txt");
      const { outputs } = await context.converse(
        executor.url,
        [
          () => [execCommand("inside", addFile("deep/patched.txt"))],
          () => [execCommand("outside", addFile(outside))],
          () => [execCommand("git", addFile(".git/hooks/post-merge"))],
        ],
        WORKSPACE_WRITE,
      );
      assert.match(outputs.get("inside") ?? "", /Success/);
      assert.equal(await readFile(join(context.folder, "deep/patched.txt"), "utf8"), "patched\n");
      await isMissing(outside);
      await isMissing(join(context.folder, ".git/hooks/post-merge"));
    },
  },
  {
    direction: "cli",
    id: "cli.sandbox-carved",
    sentence: "a folder that the configuration closes stays closed, and the one it opens again below is writable",
    requirements: ["sandbox.processes", "sandbox.files"],
    essential: true,
    async run(context) {
      await mkdir(join(context.folder, "a/b"), { recursive: true });
      await writeFile(join(context.folder, "a/secret"), "hush 4471\n");
      await using executor = await context.serve();
      const { outputs } = await context.converse(
        executor.url,
        [
          () => [execCommand("secret", "cat a/secret")],
          () => [execCommand("beside", "touch a/new")],
          () => [execCommand("below", "echo reopened > a/b/new && cat a/b/new")],
          () => [execCommand("patch", addFile("a/b/patched.txt"))],
        ],
        CARVED,
      );
      assert.match(outputs.get("secret") ?? "", /No such file or directory/);
      assert.match(outputs.get("beside") ?? "", /Read-only file system/);
      await isMissing(join(context.folder, "a/new"));
      assert.match(outputs.get("below") ?? "", /exited with code 0[\s\S]*reopened/);
      assert.match(outputs.get("patch") ?? "", /Success/);
      assert.equal(await readFile(join(context.folder, "a/b/patched.txt"), "utf8"), "patched\n");
      assert.ok(![...outputs.values()].some((text) => text.includes("hush 4471")));
    },
  },
  {
    direction: "cli",
    id: "cli.network-proxy",
    sentence: "a command whose network goes through the executor's proxy reaches what is allowed, and nothing else",
    requirements: ["sandbox.processes"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      // Older releases know no such proxy.
      if (!isAtLeast(context.cli.version, "0.169.0")) return;
      await using web = await helloServer();
      await using executor = await context.serve();
      const { outputs } = await context.converse(
        executor.url,
        [
          () => [execCommand("allowed", askProxy("127.0.0.1", web.port))],
          () => [execCommand("other", askProxy("other.test", web.port))],
          () => [execCommand("past", PAST_PROXY)],
        ],
        proxied(),
      );
      assert.match(outputs.get("allowed") ?? "", /HTTP\/1\.1 200 OK\s+hello from the web/);
      assert.match(outputs.get("other") ?? "", /HTTP\/1\.1 403 Forbidden/);
      assert.match(outputs.get("past") ?? "", /Network is unreachable/);
    },
  },
  {
    direction: "cli",
    id: "cli.transparent-tcp",
    sentence: "a command that is to reach the proxy without knowing of it does so, or is not started at all",
    requirements: ["sandbox.processes"],
    essential: false,
    since: "0.171.0",
    async run(context) {
      if (!isAtLeast(context.cli.version, "0.171.0")) return;
      await using executor = await context.serve();
      const { outputs } = await context.converse(
        executor.url,
        [() => [execCommand("started", "echo started")]],
        proxied(", transparent_tcp = true"),
      );
      const expected =
        context.executorRelease === undefined
          ? /selected exec-server does not support transparent TCP/
          : /exited with code 0[\s\S]*started/;
      assert.match(outputs.get("started") ?? "", expected);
    },
  },
];

/** A web server on loopback. */
async function helloServer() {
  const server = createServer((_, response) => void response.end("hello from the web"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: String((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
