import type { MountProof } from "../launch-plan.ts";
import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import { callsOf } from "./stage-calls.ts";
import { becomeCommand, type StageCommand } from "./stage-command.ts";
import { type Place, StageData } from "./stage-data.ts";
import { stageImage } from "./stage-image.ts";
import { limitCalls, type StageLimits } from "./stage-limits.ts";
import { proofCalls } from "./stage-proofs.ts";

/** What the init program does inside a sandbox, in the process that becomes the command. */
export interface InitProgram extends StageCommand {
  readonly arch: SeccompArch;
  /** Ports to listen on at 127.0.0.1 inside. */
  readonly ports: readonly number[];
  /** Descriptor of the channel to the starter, a Node IPC channel. Those from 3 up to it are closed. */
  readonly channelFd: number;
  /** Closed when everything was sent, above `channelFd`: the holder of the other end sees the end of the pipe. Absent: none. */
  readonly doneFd?: number | undefined;
  /** Begin a session whose terminal is the standard input, which must be no other's so far. Default false. */
  readonly ownsTerminal?: boolean | undefined;
  /** Most processes and threads of the user id in the sandbox, as far as the system lets it be set. Does not bind the superuser. Absent: as it is. */
  readonly maxProcesses?: number | undefined;
  /** Limits without which the command is not started. Default none. */
  readonly limits?: StageLimits | undefined;
  /** What has to be true of the mounts; else the command is not started. Default none. */
  readonly proofs?: readonly MountProof[] | undefined;
}

/** A message with the listening socket on `innerPort`. */
export interface ListenerMessage {
  readonly innerPort: number;
}

const AF_INET = 2n;
const SOCK_STREAM = 1n;
const BACKLOG = 128n;
const FIRST_FREE_FD = 3;
const STDIN = 0n;
const TIOCSCTTY = 0x540en;
const THIS_PROCESS = 0n;
const RLIMIT_NPROC = 6n;

/**
 * A program that makes sure of the mounts, takes the terminal and the limit on processes, listens on the ports, hands the sockets to its starter, closes
 * everything it had from it, and becomes the command. What a port leads to is then decided by the starter alone, in its own
 * network; where a step fails, the port leads nowhere.
 */
export function initImage(stage: InitProgram): Uint8Array {
  const data = new StageData();
  const call = callsOf(stage.arch);
  const close = (fd: number) => call("close", BigInt(fd));
  const { ports, channelFd, doneFd, maxProcesses } = stage;
  // Lower descriptors are free then, so each socket gets the first of them, and is closed before the next one is made.
  const before = Array.from({ length: channelFd - FIRST_FREE_FD }, (_, index) => close(FIRST_FREE_FD + index));
  const terminal = stage.ownsTerminal === true ? [call("setsid"), call("ioctl", STDIN, TIOCSCTTY, 0n)] : [];
  const limit = (max: bigint) => call("prlimit64", THIS_PROCESS, RLIMIT_NPROC, data.words([max, max]), 0n);
  const listening = ports.flatMap((port) => [
    call("socket", AF_INET, SOCK_STREAM, 0n),
    call("bind", BigInt(FIRST_FREE_FD), data.bytes(loopback(port)), 16n),
    call("listen", BigInt(FIRST_FREE_FD), BACKLOG),
    call("sendmsg", BigInt(channelFd), message(data, port), 0n),
    close(FIRST_FREE_FD),
  ]);
  const limits = limitCalls(stage.limits ?? { groupFds: [] }, call, data);
  const proofs = proofCalls(stage.proofs ?? [], call, data);
  const calls = [
    ...before,
    ...limits.calls,
    ...proofs.checks,
    ...terminal,
    ...(maxProcesses === undefined ? [] : [limit(BigInt(maxProcesses))]),
    ...listening,
    close(channelFd),
    ...(doneFd === undefined ? [] : [close(doneFd)]),
    ...becomeCommand(stage, call, data),
    ...proofs.refusals,
    ...limits.refusals,
  ];
  return stageImage(stage.arch, calls, data);
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
