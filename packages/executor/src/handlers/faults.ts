import {
  ERROR_CODES,
  type HoldfastFault,
  type HoldfastFaultData,
  type HoldfastStartFaultReason,
  type ProcessStartErrorData,
  type ProcessStartErrorKind,
  type ProcessStartErrorMember,
} from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import { RpcFault } from "@holdfast/rpc";
import { isSandboxError } from "@holdfast/sandbox";
import { HelperFault, toFileFault } from "../confined-files/index.ts";
import { FileSystemFault } from "../filesystem/index.ts";
import {
  RegistrationFault,
  SpawnFault,
  type SpawnFaultCulprit,
  type SpawnFaultReason,
  type SpawnFaultSubject,
  UserFault,
} from "../process/index.ts";

const FILE_SYSTEM_CODES = {
  "not-found": ERROR_CODES.NotFound,
  "invalid-input": ERROR_CODES.InvalidRequest,
  "permission-denied": ERROR_CODES.InvalidRequest,
  other: ERROR_CODES.InternalError,
} as const;

/** What a request names: paths as it says them. */
export interface RequestPlace {
  readonly path?: PathUri;
  readonly destination?: PathUri;
}

/** The one way from what the domains throw to what the peer is told. What is unknown stays a bug and tells nothing. */
export function toWireFault(thrown: unknown, place: RequestPlace = {}): unknown {
  if (thrown instanceof FileSystemFault) {
    // Why a file could not be opened may lie before the file.
    if (isSandboxError(thrown.cause)) return toFileFault(thrown.cause);
    const data = fileErrorData(thrown, place);
    return new RpcFault(FILE_SYSTEM_CODES[thrown.kind], thrown.message, { data, cause: thrown });
  }
  if (isSandboxError(thrown)) return toFileFault(thrown);
  if (thrown instanceof HelperFault) return new RpcFault(ERROR_CODES.InternalError, thrown.message, { cause: thrown });
  if (thrown instanceof SpawnFault) {
    return new RpcFault(ERROR_CODES.InternalError, thrown.message, {
      data: spawnErrorData(thrown, place),
      cause: thrown,
    });
  }
  if (thrown instanceof UserFault) return invalidParams(`\`holdfast.user\`: ${thrown.message}`);
  if (thrown instanceof RegistrationFault) {
    return new RpcFault(ERROR_CODES.InvalidRequest, thrown.message, { cause: thrown });
  }
  return thrown;
}

const SPAWN_KINDS = {
  "not-found": "spawnNotFound",
  "permission-denied": "spawnPermissionDenied",
  failed: "spawnFailed",
} as const satisfies Record<SpawnFaultReason, ProcessStartErrorKind>;
const MEMBERS = { program: "argv", "working-folder": "cwd" } as const satisfies Record<
  SpawnFaultSubject,
  ProcessStartErrorMember
>;

const CULPRITS = { program: "program", interpreter: "interpreter", "working-folder": "cwd" } as const satisfies Record<
  SpawnFaultCulprit,
  HoldfastStartFaultReason
>;

function spawnErrorData({ reason, subject, code, culprit }: SpawnFault, { path }: RequestPlace): ProcessStartErrorData {
  const isFolder = culprit === "working-folder";
  const holdfast: HoldfastFault = {
    ...(code !== undefined && { code, syscall: isFolder ? "chdir" : "execve" }),
    ...(culprit !== undefined && { reason: CULPRITS[culprit] }),
    ...(isFolder && path !== undefined && { path }),
  };
  const member = subject === undefined ? {} : { member: MEMBERS[subject] };
  const more = Object.keys(holdfast).length === 0 ? {} : { holdfast };
  return { kind: SPAWN_KINDS[reason], ...member, ...more };
}

function fileErrorData({ code, syscall }: FileSystemFault, place: RequestPlace): HoldfastFaultData {
  return { holdfast: { ...(code !== undefined && { code }), ...(syscall !== undefined && { syscall }), ...place } };
}

export function invalidRequest(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidRequest, message);
}

export function invalidParams(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidParams, message);
}

/** The same promise, failing only in ways that the peer may see. */
export function asWireFaults<T>(operation: Promise<T>, place?: RequestPlace): Promise<T> {
  return operation.catch((thrown: unknown) => {
    throw toWireFault(thrown, place);
  });
}
