import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import type { SandboxError } from "@holdfast/sandbox";
import { NO_NATIVE_CONTAINERS, withReason } from "../confinement/index.ts";

const UNENFORCEABLE = "filesystem sandbox cannot be enforced on this executor";
const UNPREPARED = "failed to prepare fs sandbox";

/** File requests name the members of a context in other words than starts do. */
const REWORDED: readonly (readonly [prefix: string, instead: string])[] = [
  ["invalid sandbox policy cwd: ", ""],
  [NO_NATIVE_CONTAINERS, `${UNPREPARED}: failed to prepare MXC sandbox: ${NO_NATIVE_CONTAINERS}`],
  ["invalid sandbox workspace root: ", "file system sandbox workspace root is not native to this exec-server host: "],
  ["invalid sandbox permission path: ", "invalid sandbox permission path URI: "],
];

/** What a peer is told when the sandbox of a file request can't be had. */
export function toFileFault(thrown: SandboxError): RpcFault {
  const { code, message } = thrown;
  const text = code === "invalid" ? reworded(message) : withReason(UNENFORCEABLE, message);
  return new RpcFault(ERROR_CODES.InvalidRequest, text, { cause: thrown });
}

function reworded(message: string): string {
  const known = REWORDED.find(([prefix]) => message.startsWith(prefix));
  return known === undefined ? `${UNPREPARED}: ${message}` : `${known[1]}${message.slice(known[0].length)}`;
}
