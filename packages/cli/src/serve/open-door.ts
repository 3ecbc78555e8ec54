import type { AdmissionOptions, Executor, Log } from "@holdfast/executor";
import type { InboundConnection, ListenWebSocketOptions } from "@holdfast/rpc/websocket";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { type AccessSettings, asksForCredentials } from "./access-settings.ts";
import type { CredentialCheck } from "./credential-check.ts";
import { RefusalLog } from "./refusal-log.ts";

/** What a client may call itself in a log. */
const SUBJECT_MAX_LENGTH = 200;

/**
 * Who may come in through a websocket listener, and what becomes of them. Credentials, where some are asked for, are asked for besides all else.
 *
 * @param checkCredentials - Reads those of a handshake; `undefined` where it needs none.
 * @throws CommandFailure where this system can't tell who somebody is and `--allow-other-local-users` does not say that it need not.
 */
export function openDoor(
  executor: Pick<Executor, "accept" | "admission">,
  access: AccessSettings,
  { transport, checkCredentials }: { transport: "tcp" | "unix"; checkCredentials: CredentialCheck | undefined },
  log: Log,
): Pick<ListenWebSocketOptions, "allowedOrigins" | "authorize" | "onPort" | "onRefused"> {
  const admission = admissionOf(executor, access, transport);
  const refusals = new RefusalLog(log);
  return {
    allowedOrigins: access.allowedOrigins,
    authorize: async (request, connection) => {
      // At once: a descriptor may be another connection's when this one has been closed meanwhile.
      const known = "descriptor" in connection ? await admission.judge(connection) : undefined;
      const credentials = await checkCredentials?.(request);
      if (credentials !== undefined && "refusal" in credentials) return credentials;
      const verdict = known ?? (await admission.judge(connection));
      if (verdict.kind === "refused") return { refusal: { status: 403, body: verdict.reason } };
      return { principal: { name: nameOf([subjectOf(connection), credentials?.subject], verdict.name) } };
    },
    onRefused: ({ status, body }, peerName) => refusals.refused(peerName, status, body),
    onPort: (port, _request, principal) => {
      executor.accept(port, principal.name);
    },
  };
}

/** Who it is by its certificate and its token, and then what the system tells. */
function nameOf(subjects: readonly (string | undefined)[], told: string): string {
  const named = subjects.flatMap((subject) => (subject === undefined ? [] : [subject.slice(0, SUBJECT_MAX_LENGTH)]));
  return [...named, told].join("; ");
}

function subjectOf(connection: InboundConnection): string | undefined {
  return "local" in connection ? connection.clientSubject : undefined;
}

function admissionOf(
  executor: Pick<Executor, "admission">,
  access: AccessSettings,
  transport: AdmissionOptions["transport"],
) {
  const asksForSecret = asksForCredentials(access);
  const otherMachines = access.otherMachines || asksForSecret;
  try {
    return executor.admission({ otherLocalUsers: access.otherLocalUsers, otherMachines, asksForSecret, transport });
  } catch (error) {
    throw new CommandFailure(
      `${reasonOf(error)}: add --allow-other-local-users if that is meant, ask for a token with --ws-auth, or use --listen stdio`,
      { cause: error },
    );
  }
}
