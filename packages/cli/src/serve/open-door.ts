import type { Executor, Log } from "@holdfast/executor";
import type { ListenWebSocketOptions } from "@holdfast/rpc/websocket";
import type { Arguments } from "../command-line/arguments.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { RefusalLog } from "./refusal-log.ts";
import type { WebAccess } from "./web-access.ts";

/**
 * Who may come in through a websocket listener, and what becomes of them. A token, where one is asked for, is asked for besides all else.
 *
 * @throws CommandFailure where this system can't tell who somebody is and `--allow-other-local-users` does not say that it need not.
 */
export function openDoor(
  executor: Executor,
  args: Pick<Arguments, "has">,
  log: Log,
  { allowedOrigins, refuse }: WebAccess,
): Pick<ListenWebSocketOptions, "allowedOrigins" | "authorize" | "onPort" | "onRefused"> {
  const admission = admissionOf(executor, args);
  const refusals = new RefusalLog(log);
  return {
    allowedOrigins,
    authorize: async (request, connection) => {
      const refusal = refuse?.(request);
      if (refusal !== undefined) return { refusal };
      const verdict = await admission.judge(connection);
      return verdict.kind === "admitted"
        ? { principal: { name: verdict.name } }
        : { refusal: { status: 403, body: verdict.reason } };
    },
    onRefused: ({ status, body }, peerName) => refusals.refused(peerName, status, body),
    onPort: (port, _request, principal) => {
      log.debug(`admitted ${principal.name} from ${port.peerName}`);
      executor.accept(port);
    },
  };
}

function admissionOf(executor: Executor, args: Pick<Arguments, "has">) {
  try {
    return executor.admission({
      otherLocalUsers: args.has("allow-other-local-users"),
      otherMachines: args.has("allow-unauthenticated-network"),
    });
  } catch (error) {
    throw new CommandFailure(
      `${reasonOf(error)}: add --allow-other-local-users if that is meant, or use --listen stdio`,
      { cause: error },
    );
  }
}
