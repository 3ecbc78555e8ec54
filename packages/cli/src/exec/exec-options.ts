import type { Arguments } from "../command-line/arguments.ts";
import { UsageError } from "../command-line/failure.ts";

/** Words of `--sandbox`. No policy has network. */
const SANDBOX_POLICIES = ["read-only", "workspace-write", "none"] as const;

const STDIN_MODES = ["stream", "file", "none"] as const;
export type StdinMode = (typeof STDIN_MODES)[number];

/** What `holdfast exec` was asked to do. */
export interface ExecOptions {
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly sandbox: (typeof SANDBOX_POLICIES)[number];
  readonly stdin: StdinMode;
  /** Leave it running and take no part in it. */
  readonly isDetached: boolean;
}

/** @throws UsageError */
export function execOptions(args: Arguments): ExecOptions {
  const tty = args.has("tty");
  const stdin = args.choice("stdin", STDIN_MODES) ?? "stream";
  if (tty && stdin === "file") throw new UsageError("--stdin=file does not go with --tty: a terminal is no file");
  const isDetached = args.has("detach");
  if (isDetached && args.text("stdin") !== undefined && stdin !== "none") {
    throw new UsageError(`--stdin=${stdin} does not go with --detach: holdfast leaves and can not pass it on`);
  }
  return {
    argv: args.command,
    cwd: args.text("cwd"),
    env: Object.fromEntries(args.texts("env").map(toVariable)),
    tty,
    sandbox: args.choice("sandbox", SANDBOX_POLICIES) ?? "none",
    stdin,
    isDetached,
  };
}

function toVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--env must be NAME=VALUE, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}
