import { connect } from "node:net";
import type { Clock } from "@holdfast/rpc";
import type { Child, ChildEvents } from "./child.ts";
import { ConnectionChild } from "./connection-child.ts";
import { ConnectionFault, type ConnectionTarget, connectionErrorCode } from "./connection-fault.ts";

/** How long a connection may take to come about; systems try for minutes. */
const CONNECT_PATIENCE_MS = 30_000;

/** Open a connection as a child. @throws ConnectionFault */
export function openConnection(
  target: ConnectionTarget,
  delay: Pick<Clock, "after">,
  events: ChildEvents,
): Promise<Child> {
  const { promise, resolve, reject } = Promise.withResolvers<Child>();
  const socket = connect({ ...target, allowHalfOpen: true, noDelay: true, keepAlive: true });
  const failed = (code: string, cause?: unknown): void => {
    timer.cancel();
    socket.destroy();
    reject(new ConnectionFault(target, code, { cause }));
  };
  const timer = delay.after(CONNECT_PATIENCE_MS, () => failed("ETIMEDOUT"));
  const refused = (error: Error): void => failed(connectionErrorCode(error), error);
  socket.once("error", refused);
  socket.once("connect", () => {
    timer.cancel();
    socket.off("error", refused);
    resolve(new ConnectionChild(socket, events));
  });
  return promise;
}
