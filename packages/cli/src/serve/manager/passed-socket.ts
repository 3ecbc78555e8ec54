import { type SocketName, socketName } from "@holdfast/executor";
import { UsageError } from "../../command-line/failure.ts";

/** Where a service manager leaves the first socket that it passes. */
const FIRST_DESCRIPTOR = 3;

/** A socket that listens already. */
export type PassedSocket = SocketName & { readonly descriptor: number };

/**
 * The socket that the service manager has passed to this very process (`LISTEN_FDS`, `LISTEN_PID`).
 *
 * @throws UsageError it has passed none, or more than one, or one of a kind that can't be served on.
 */
export function passedSocket(
  env: Readonly<Record<string, string | undefined>>,
  { pid = process.pid, nameOf = socketName }: { readonly pid?: number; readonly nameOf?: typeof socketName } = {},
): PassedSocket {
  const { LISTEN_FDS = "", LISTEN_PID = "" } = env;
  if (LISTEN_FDS === "" || LISTEN_PID !== String(pid)) {
    throw new UsageError(
      "--listen fd:// serves on a socket that a service manager passes (LISTEN_FDS), and none was passed to this process",
    );
  }
  if (LISTEN_FDS !== "1") {
    throw new UsageError(`--listen fd:// serves on one socket, and LISTEN_FDS says that ${LISTEN_FDS} were passed`);
  }
  const name = nameOf(FIRST_DESCRIPTOR);
  if (name === undefined) {
    throw new UsageError("--listen fd://: what was passed is no TCP socket and no unix socket with a path");
  }
  return { ...name, descriptor: FIRST_DESCRIPTOR };
}
