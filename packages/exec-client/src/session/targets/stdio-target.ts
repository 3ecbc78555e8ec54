import type { FramePort } from "@holdfast/rpc";
import {
  callback,
  checkOptions,
  type DialOptions,
  flag,
  type OptionChecks,
  stringsByName,
  text,
} from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../../errors.ts";
import {
  COMMAND_ASK_INTERVAL_MS,
  COMMAND_CLOSE_GRACE_MS,
  COMMAND_SILENCE_MS,
  INBOUND_MESSAGE_MAX_BYTES,
} from "../../limits.ts";

/** An executor to be started as a child that speaks on its stdin and stdout. */
export interface StdioTarget {
  readonly command: string;
  readonly args?: readonly string[] | undefined;
  /** Whole environment of the child. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Working folder of the child, a local path. Default: that of this process. */
  readonly cwd?: string | undefined;
  /** Called with what the child writes to stderr. Its last 1,024 characters are told with its end in any case. Default: the rest is dropped. */
  readonly onStderr?: ((chunk: Uint8Array) => void) | undefined;
  /**
   * Whether the command leads to an executor that outlives it, as `holdfast proxy` behind `docker exec -i` does: a lost connection is
   * then replaced by starting it again. Default false: the command is the executor, and ends with its session.
   */
  readonly redial?: boolean | undefined;
}

const STDIO_TARGET: OptionChecks<StdioTarget> = {
  command: text,
  args: (value, name) => {
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
    throw new InvalidArgumentError(name, `${name} must be an array of strings`);
  },
  env: stringsByName,
  cwd: text,
  onStderr: callback,
  redial: flag,
};

/** @throws InvalidArgumentError */
export function checkStdioTarget(target: StdioTarget): void {
  checkOptions(target, STDIO_TARGET, "connect (a command to start)");
}

/** @throws LinkError `closed`: it can not be started. */
export async function dialStdio(target: StdioTarget, { clock, signal }: DialOptions): Promise<FramePort> {
  const { spawnStdio } = await import("@holdfast/rpc/stdio");
  const { redial, ...options } = target;
  const bounds = { maxLineBytes: INBOUND_MESSAGE_MAX_BYTES, clock, signal };
  const { port } = await spawnStdio({ ...options, ...bounds, ...(redial === true ? WAY : {}) });
  return port;
}

/** What is different where the command is the way to an executor: it may greet, and stay when what is behind it has gone. */
const WAY = {
  skipsBanner: true,
  heartbeat: { intervalMs: COMMAND_ASK_INTERVAL_MS, silenceMs: COMMAND_SILENCE_MS },
  closeGraceMs: COMMAND_CLOSE_GRACE_MS,
};
