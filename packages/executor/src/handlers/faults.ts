import {
  ERROR_CODES,
  type ProcessStartErrorData,
  type ProcessStartErrorKind,
  type ProcessStartErrorMember,
} from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import { isSandboxError } from "@holdfast/sandbox";
import { HelperFault, toFileFault } from "../confined-files/index.ts";
import { FileSystemFault } from "../filesystem/index.ts";
import {
  RegistrationFault,
  SpawnFault,
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

/** The one way from what the domains throw to what the peer is told. What is unknown stays a bug and tells nothing. */
export function toWireFault(thrown: unknown): unknown {
  if (thrown instanceof FileSystemFault) {
    // Why a file could not be opened may lie before the file.
    if (isSandboxError(thrown.cause)) return toFileFault(thrown.cause);
    return new RpcFault(FILE_SYSTEM_CODES[thrown.kind], thrown.message, { cause: thrown });
  }
  if (isSandboxError(thrown)) return toFileFault(thrown);
  if (thrown instanceof HelperFault) return new RpcFault(ERROR_CODES.InternalError, thrown.message, { cause: thrown });
  if (thrown instanceof SpawnFault) {
    return new RpcFault(ERROR_CODES.InternalError, thrown.message, { data: spawnErrorData(thrown), cause: thrown });
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

function spawnErrorData({ reason, subject }: SpawnFault): ProcessStartErrorData {
  const kind = SPAWN_KINDS[reason];
  return subject === undefined ? { kind } : { kind, member: MEMBERS[subject] };
}

export function invalidRequest(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidRequest, message);
}

export function invalidParams(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidParams, message);
}

/** The same promise, failing only in ways that the peer may see. */
export function asWireFaults<T>(operation: Promise<T>): Promise<T> {
  return operation.catch((thrown: unknown) => {
    throw toWireFault(thrown);
  });
}
