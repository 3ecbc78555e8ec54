import type { AdmissionOptions, Executor, Log } from "@holdfast/executor";
import type { ListenWebSocketOptions } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import type { AccessSettings } from "./access-settings.ts";
import type { CredentialCheck } from "./credential-check.ts";
import { RefusalLog } from "./refusal-log.ts";

/**
 * Who may come in through a websocket listener, and what becomes of them. Credentials, where some are asked for, are asked for besides all else.
 *
 * @throws CommandFailure where this system can't tell who somebody is and `--allow-other-local-users` does not say that it need not.
 */
export function openDoor(
  executor: Pick<Executor, "accept" | "admission">,
  access: AccessSettings,
  { transport, checkCredentials }: { transport: "tcp" | "unix"; checkCredentials: CredentialCheck | undefined },
  log: Log,
): Pick<ListenWebSocketOptions, "allowedOrigins" | "authorize" | "onPort" | "onRefused"> {
  const admission = admissionOf(executor, access, { transport, asksForSecret: checkCredentials !== undefined });
  const refusals = new RefusalLog(log);
  return {
    allowedOrigins: access.allowedOrigins,
    authorize: async (request, connection) => {
      const refusal = checkCredentials?.(request);
      if (refusal !== undefined) return { refusal };
      const verdict = await admission.judge(connection);
      return verdict.kind === "admitted"
        ? { principal: { name: verdict.name } }
        : { refusal: { status: 403, body: verdict.reason } };
    },
    onRefused: ({ status, body }, peerName) => refusals.refused(peerName, status, body),
    onPort: (port, _request, principal) => {
      executor.accept(port, principal.name);
    },
  };
}

function admissionOf(
  executor: Pick<Executor, "admission">,
  { otherLocalUsers, otherMachines }: AccessSettings,
  listener: Pick<AdmissionOptions, "transport" | "asksForSecret">,
) {
  try {
    return executor.admission({ otherLocalUsers, otherMachines, ...listener });
  } catch (error) {
    throw new CommandFailure(
      `${reasonOf(error)}: add --allow-other-local-users if that is meant, or use --listen stdio`,
      { cause: error },
    );
  }
}
