import type { CommandSpec, OptionSpec } from "./command-line/command-spec.ts";
import { COMMAND_LIMIT_OPTIONS } from "./executor/command-limit-options.ts";
import { RECOVER_OPTION } from "./executor/recovery-time.ts";
import { ID_FILE_OPTION } from "./runs/id-file.ts";

const URL_OPTION: OptionSpec = {
  kind: "text",
  value: "URL",
  about: "executor to use, ws:// or wss://; default: HOLDFAST_URL, CODEX_EXEC_SERVER_URL, or one inside this process",
};

const RUN_URL_OPTION: OptionSpec = {
  kind: "text",
  value: "URL",
  about: "executor the run is on; default: as recorded here, then HOLDFAST_URL, CODEX_EXEC_SERVER_URL",
};

const JSON_OPTION: OptionSpec = { kind: "switch", about: "print JSON" };

/** How folders are copied. */
const FOLDER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  exclude: {
    kind: "texts",
    value: "PATTERN",
    about: "leave out what matches, as in a .gitignore file; may be repeated",
  },
  gitignore: { kind: "switch", about: "leave out what the .gitignore files in the folder say, and .git" },
  checksum: { kind: "switch", about: "compare files by their contents, not by their times" },
  whole: { kind: "switch", about: "send everything, also what is there already" },
  resume: {
    kind: "switch",
    about: "leave what has arrived for the next copy when this one is cut short, and take up such",
  },
};

/** Every command, in the order of the help. A command's code is loaded when it is called. */
export const COMMANDS: Readonly<Record<string, CommandSpec>> = {
  serve: {
    summary: "be an executor for others",
    synopsis: "[--listen ws://HOST:PORT|stdio]",
    options: {
      listen: {
        kind: "text",
        value: "URL",
        about: "ws://HOST:PORT or stdio; default ws://127.0.0.1:0 (any free port)",
      },
      "session-ttl": {
        kind: "text",
        value: "SECONDS",
        about: "how long a session waits for its client after a lost connection; default 120",
      },
      spool: {
        kind: "text",
        value: "DIR",
        about: "keep output in files there that no longer fits in memory; default: it is dropped",
      },
      "spool-limit": { kind: "text", value: "BYTES", about: "spooled output per process, e.g. 512M or 2G; default 1G" },
      limits: {
        kind: "text",
        isValueOptional: true,
        value: "[NAME=VALUE,…]",
        about: "set limits, e.g. maxProcesses=500,maxRetainedBytes=4M; alone: list them, the fixed ones too, and exit",
      },
      ...COMMAND_LIMIT_OPTIONS,
      "log-level": { kind: "text", value: "LEVEL", about: "off, warn or debug, on stderr; default off" },
      "allow-unauthenticated-network": {
        kind: "switch",
        about: "serve beyond this machine: every client that reaches the port can run anything as you",
      },
      "allow-other-local-users": {
        kind: "switch",
        about: "let other users of this machine connect: they can run anything as you",
      },
      "ws-auth": {
        kind: "text",
        value: "KIND",
        about: "what clients must bring besides: capability-token; default nothing",
      },
      "ws-token-file": {
        kind: "text",
        value: "FILE",
        about: "holds the token, which clients send as Authorization: Bearer",
      },
      "allow-origin": {
        kind: "texts",
        value: "ORIGIN",
        about: "let web pages of this origin connect, if they bring the token; may be repeated",
      },
    },
    positionals: [],
    details: `
The first and only line on stdout is the URL that was bound. SIGTERM, SIGINT and SIGQUIT end it, and every process it
started, with exit code 0; so does SIGHUP where it has a terminal, unless nohup started it. HOST is an IP address or localhost.

From this machine only you and root may connect, and nothing that is confined. With --ws-auth capability-token they need the token
in --ws-token-file as well. Web pages are refused, but those of each --allow-origin, such as https://app.example, which need it.

A client whose connection is lost may come back within --session-ttl: until then its processes run on. What a finished
process has printed is kept for as long, and for 120 s at least. With 0, processes end with their connection.

Of each process the last 1 MiB of output is kept for such a client. With --spool, older output goes to a file, up to
--spool-limit; then the oldest is dropped. The files go with the process, and with the executor however it ends.

--command-memory and --command-processes bound each confined command, those beside a network proxy included; others run as they
do. Where a limit can't be kept, confined commands are refused; holdfast doctor says by what means it is kept here.

With stdio, it serves one connection on its own stdin and stdout, one message per line, and ends with its input.`,
    load: () => import("./serve/command.ts"),
  },
  exec: {
    summary: "run a command on an executor as if it ran here",
    synopsis: "[OPTION]… -- COMMAND [ARGUMENT]…",
    options: {
      url: URL_OPTION,
      cwd: { kind: "text", value: "PATH", about: "working folder of the command, on the executor" },
      env: { kind: "texts", value: "NAME=VALUE", about: "variable for the command; may be repeated" },
      tty: { kind: "switch", about: "run it in a terminal, as large as the one here; stderr joins stdout" },
      sandbox: { kind: "text", value: "POLICY", about: "read-only, workspace-write or none; default none" },
      stdin: { kind: "text", value: "HOW", about: "stream, file or none; default stream" },
      detach: { kind: "switch", about: "leave it running on --url, print the ID of its run and exit" },
      "recover-for": RECOVER_OPTION,
    },
    positionals: [],
    takesCommand: true,
    details: `
Stdin, stdout and stderr pass through byte for byte. The exit code is that of the command, 128+n when signal n ended it;
126 and 127 when it could not be started, 141 when the reader of the output is gone, 143 after SIGTERM. The first SIGINT is
passed on to the command, a second one kills it. Started by nohup, it goes on after SIGHUP.

A lost connection is a pause: the command runs on, and what it printed meanwhile follows when there is a connection again,
for as long as --recover-for says.

Without --url the command runs on this machine, in this folder. It inherits the environment of the executor.

--sandbox asks the executor to confine the command; one that can not do so refuses to start it. read-only may read
everything and write nothing; workspace-write may also write below --cwd and in the temporary folders. Neither has network.

How stdin reaches the command:
  stream  as it comes. On an executor that can not close a pipe, as Codex's can not, a helper there (sh and head, or dd) takes it
          off the connection and fills a pipe that has no name, so that the command sees its end. An empty stdin,
          /dev/null for one, takes no helper.
  file    all of it first, into a file without a name in the executor's /dev/shm: for programs that seek.
  none    the command finds its stdin at its end.
With --tty, stdin goes to the terminal as it is, with ^D for its end; a terminal here is set to raw mode meanwhile.

--detach prints one line, the ID of the run, and exits with 0. The command finds its stdin at its end, or a terminal with
--tty. It runs on for as long as the executor's serve --session-ttl says after the last client left it, then it is killed.
The ID is a secret: anyone who has it and can reach the executor may take the run up.`,
    load: () => import("./exec/command.ts"),
  },
  sandbox: {
    summary: "run a command confined on this machine, or tell what it could touch",
    synopsis: "[OPTION]… -- COMMAND [ARGUMENT]… | --explain [OPTION]… PATH…",
    options: {
      profile: {
        kind: "text",
        value: "PROFILE",
        about: "read-only, workspace-write, none, or a FILE.json with a permission profile; default workspace-write",
      },
      cwd: { kind: "text", value: "PATH", about: "working folder of the command; default this one" },
      root: { kind: "texts", value: "DIR", about: "workspace root; may be repeated; default the working folder" },
      writable: { kind: "texts", value: "DIR", about: "folder that may be written to as well; may be repeated" },
      deny: {
        kind: "texts",
        value: "PATH|GLOB",
        about: "what may not even be read, with * ? [ as a pattern; may be repeated",
      },
      network: { kind: "switch", about: "leave the network open" },
      env: { kind: "texts", value: "NAME=VALUE", about: "variable for the command; may be repeated" },
      tty: { kind: "switch", about: "run it in a terminal, as large as the one here; stderr joins stdout" },
      ...COMMAND_LIMIT_OPTIONS,
      explain: { kind: "switch", about: "start nothing; tell the access to every PATH and the rule that decides it" },
      json: { kind: "switch", about: "with --explain: print JSON" },
    },
    positionals: ["[PATH]…"],
    takesCommand: "optional",
    details: `
Stdin, stdout, stderr and the exit code are those of the command, as with exec. read-only may read everything and write
nothing; workspace-write may also write below the workspace roots and in the temporary folders, but not to .git, .agents,
.codex and .aws there. Neither has network. Where this can not be enforced, nothing is started; holdfast doctor says why.

Relative paths start at --cwd, that of FILE.json at the folder you are in. The paths in FILE.json are absolute paths or
file: URIs.

--explain tells what the sandbox would do with what is there now. What the owner and mode of a file allow is another matter.`,
    load: () => import("./sandbox/command.ts"),
  },
  attach: {
    summary: "take up a run that exec --detach left running",
    synopsis: "ID [--url URL]",
    options: { url: RUN_URL_OPTION, "id-file": ID_FILE_OPTION, "recover-for": RECOVER_OPTION },
    positionals: ["[ID]"],
    details: `
Prints what the executor retained of the output (the newest 1 MiB) and follows it to the end; the exit code is that of the
command. What is no longer retained is told on stderr. With a terminal, keys go to the command.

ID may be cut to 4 characters or more where the run is recorded, which keeps the rest secret. Another machine needs the whole ID
and --url: --id-file keeps it from those who can list the programs of the machine. One client at a time.

The first SIGINT is passed on to the command, a second one kills it. SIGTERM, SIGHUP and the loss of this program leave it
running.`,
    load: () => import("./attach/command.ts"),
  },
  logs: {
    summary: "print what a run that was left running has printed",
    synopsis: "ID [-f] [--url URL]",
    options: {
      follow: { kind: "switch", short: "f", about: "go on until the run ends" },
      url: RUN_URL_OPTION,
      "id-file": ID_FILE_OPTION,
      "recover-for": RECOVER_OPTION,
    },
    positionals: ["[ID]"],
    details: `
Prints what the executor retained of the output (the newest 1 MiB), stderr to stderr. Exits with 0, also when the run failed. A
run that another client is attached to can not be read.`,
    load: () => import("./logs/command.ts"),
  },
  ps: {
    summary: "list the runs that were left running from this machine",
    synopsis: "[--json]",
    options: { json: JSON_OPTION },
    positionals: [],
    details: `
STATE is running, exited with its code, gone (the executor knows it no more: it is listed this once), attached elsewhere, or
unreachable. To ask for a run takes it up for a moment, which restarts its time on the executor.`,
    load: () => import("./ps/command.ts"),
  },
  cp: {
    summary: "copy a file or folder to, from or within an executor",
    synopsis: "[--url URL] [-r] [OPTIONS] SOURCE DESTINATION",
    options: {
      url: URL_OPTION,
      "recover-for": RECOVER_OPTION,
      recursive: { kind: "switch", short: "r", about: "copy a folder with everything in it" },
      ...FOLDER_OPTIONS,
    },
    positionals: ["SOURCE", "DESTINATION"],
    details: `
remote:PATH is a file on the executor; a relative one starts at the executor's working folder. ./remote:x is a local file.
A folder as destination takes what is copied under its own name.

The file appears under its final name whole or not at all, with the permission bits of the source. Only one that may be
written but not replaced, as a mount point or one of your own in another user's folder, is written in place: it keeps its
owner and bits, and is not whole meanwhile. On Windows a file is put in place by a copy on the executor, and permissions are
left alone. - stands for stdin and stdout.

What an executor says is not trusted: names that it tells stay in DESTINATION, and a copy ends when more comes than the size that was told, as much again, and 64 MiB.
A link as DESTINATION, or under the source's name in it, is refused, as another user may have put it there: name what it leads to, or end a folder's name with a slash.

With -r a folder is copied whole in the same way; where one of its name exists, it is merged into that, file by file, and
through none of the links in it.
What is there already is not sent again: files of the same size, time and permission bits. --checksum compares contents, --whole sends everything.
Links stay links, and permission bits and times are kept. Sockets, pipes and devices are left out, with a line about each and exit 1.
After a lost connection it goes on where it was; after a lost client the next copy does, where both are given --resume.`,
    load: () => import("./cp/command.ts"),
  },
  sync: {
    summary: "make a folder on one side like a folder on the other",
    synopsis: "[--url URL] [--delete] [OPTIONS] SOURCE DESTINATION",
    options: {
      url: URL_OPTION,
      "recover-for": RECOVER_OPTION,
      delete: { kind: "switch", about: "remove from DESTINATION what SOURCE does not have, but for what is left out" },
      ...FOLDER_OPTIONS,
    },
    positionals: ["SOURCE", "DESTINATION"],
    details: `
One of the two is remote:PATH. As cp -r SOURCE/. DESTINATION, which is made if it is not there.`,
    load: () => import("./cp/sync-command.ts"),
  },
  info: {
    summary: "tell what an executor is and can do",
    synopsis: "[--url URL] [--json]",
    options: { url: URL_OPTION, json: JSON_OPTION },
    positionals: [],
    load: () => import("./info/command.ts"),
  },
  doctor: {
    summary: "tell what this machine lacks, and the command that mends it",
    synopsis: "[--json]",
    options: { json: JSON_OPTION },
    positionals: [],
    details: "Exits with 1 when something is missing that no command can do without.",
    load: () => import("./doctor/command.ts"),
  },
  demo: {
    summary: "show the main job on this machine: a command, a terminal, a file, forty processes",
    synopsis: "",
    options: {},
    positionals: [],
    load: () => import("./demo/command.ts"),
  },
};
