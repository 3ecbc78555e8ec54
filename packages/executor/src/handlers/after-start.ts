import { andThen, type Maybe } from "../maybe.ts";
import type { ManagedProcess } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import type { Session } from "../session/session.ts";
import { invalidRequest } from "./faults.ts";

/** What is asked of a process waits until it was started: the client need not. */
export function afterStart<Params extends { readonly processId: string }, Result>(
  act: (params: Params, context: CallContext) => Maybe<Result>,
): (params: Params, context: CallContext) => Maybe<Result> {
  return (params, context) => {
    const starting = context.connection.session.process(params.processId)?.whenStarted();
    return andThen(starting, () => act(params, context));
  };
}

/** @throws RpcFault for an id that the session does not know, or whose start failed. */
export function knownProcess(processId: string, context: CallContext): ManagedProcess {
  return knownProcessOf(context.connection.session, processId);
}

/** @throws RpcFault as {@link knownProcess} does. */
export function knownProcessOf(session: Session, processId: string): ManagedProcess {
  const process = session.process(processId);
  if (process === undefined) throw invalidRequest(`unknown process id ${processId}`);
  if (process.state.kind === "starting") throw invalidRequest(`process id ${processId} is starting`);
  return process;
}
