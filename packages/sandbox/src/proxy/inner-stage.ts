import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import { type Place, StageData, type Word } from "./stage-data.ts";
import { type StageCall, stageImage } from "./stage-image.ts";

/** What runs inside a private network before the command, in its process. */
export interface InnerStage {
  readonly arch: SeccompArch;
  /** At least one entry; without a slash the program is looked up in `PATH` of `env`. */
  readonly argv: readonly string[];
  /** What the command sees as its own name. Absent: `argv[0]`. */
  readonly arg0?: string | undefined;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Ports to listen on at 127.0.0.1 inside. */
  readonly ports: readonly number[];
  /** Descriptor of the channel to the starter, a Node IPC channel. Those from 3 up to it are closed. */
  readonly channelFd: number;
}

/** A message with the listening socket on `innerPort`. */
export interface ListenerMessage {
  readonly innerPort: number;
}

type CallName = "bind" | "close" | "execve" | "exit_group" | "listen" | "sendmsg" | "socket" | "write";

const NUMBERS: Readonly<Record<CallName, Readonly<Record<SeccompArch, bigint>>>> = {
  bind: { x64: 49n, arm64: 200n },
  close: { x64: 3n, arm64: 57n },
  execve: { x64: 59n, arm64: 221n },
  exit_group: { x64: 231n, arm64: 94n },
  listen: { x64: 50n, arm64: 201n },
  sendmsg: { x64: 46n, arm64: 211n },
  socket: { x64: 41n, arm64: 198n },
  write: { x64: 1n, arm64: 64n },
};

const AF_INET = 2n;
const SOCK_STREAM = 1n;
const BACKLOG = 128n;
const FIRST_FREE_FD = 3;
const STDERR = 2n;
const NOT_FOUND = 127n;

/**
 * A program that listens on the ports, hands the sockets to its starter, closes everything it had from it, and becomes the command.
 * What a port leads to is then decided by the starter alone, in its own network; where a step fails, the port leads nowhere.
 */
export function innerStage(stage: InnerStage): Uint8Array {
  const data = new StageData();
  const call = (name: CallName, ...args: readonly Word[]): StageCall => {
    const [a = 0n, b = 0n, c = 0n] = args;
    return [NUMBERS[name][stage.arch], a, b, c, 0n, 0n, 0n];
  };
  const close = (fd: number) => call("close", BigInt(fd));
  const { ports, channelFd } = stage;
  const { PATH: path } = stage.env;
  // Lower descriptors are free then, so each socket gets the first of them, and is closed before the next one is made.
  const before = Array.from({ length: channelFd - FIRST_FREE_FD }, (_, index) => close(FIRST_FREE_FD + index));
  const listening = ports.flatMap((port) => [
    call("socket", AF_INET, SOCK_STREAM, 0n),
    call("bind", BigInt(FIRST_FREE_FD), data.bytes(loopback(port)), 16n),
    call("listen", BigInt(FIRST_FREE_FD), BACKLOG),
    call("sendmsg", BigInt(channelFd), message(data, port), 0n),
    close(FIRST_FREE_FD),
  ]);
  const [name = ""] = stage.argv;
  const argv = data.words([...[stage.arg0 ?? name, ...stage.argv.slice(1)].map((text) => data.text(text)), 0n]);
  const env = data.words([...Object.entries(stage.env).map(([key, value]) => data.text(`${key}=${value}`)), 0n]);
  const becoming = candidates(name, path).map((file) => call("execve", data.text(file), argv, env));
  const complaint = Buffer.from(`${name}: not found, or not a program\n`);
  const ending = [
    call("write", STDERR, data.bytes(complaint), BigInt(complaint.length)),
    call("exit_group", NOT_FOUND),
  ];
  return stageImage(stage.arch, [...before, ...listening, close(channelFd), ...becoming, ...ending], data);
}

function candidates(name: string, path = "/usr/local/bin:/usr/bin:/bin"): string[] {
  return name.includes("/") ? [name] : path.split(":").map((folder) => `${folder === "" ? "." : folder}/${name}`);
}

/** A `struct sockaddr_in`. */
function loopback(port: number): Uint8Array {
  return Uint8Array.of(Number(AF_INET), 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
}

/** A `struct msghdr`: a message of Node's IPC channel that brings a descriptor along. */
function message(data: StageData, innerPort: number): Place {
  const msg: ListenerMessage = { innerPort };
  const text = Buffer.from(`${JSON.stringify({ cmd: "NODE_HANDLE", type: "net.Native", msg })}\n`);
  const vector = data.words([data.bytes(text), BigInt(text.length)]);
  const [SOL_SOCKET, SCM_RIGHTS] = [1n, 1n];
  const control = data.words([20n, (SCM_RIGHTS << 32n) | SOL_SOCKET, BigInt(FIRST_FREE_FD)]);
  return data.words([0n, 0n, vector, 1n, control, 24n, 0n]);
}
