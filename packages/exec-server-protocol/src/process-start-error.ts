import { isObject } from "@holdfast/protocol-kit";
import type {
  ProcessStartErrorData,
  ProcessStartErrorKind,
  ProcessStartErrorMember,
} from "./types/process-start-error.ts";

const KINDS = {
  spawnNotFound: true,
  spawnPermissionDenied: true,
  spawnFailed: true,
  sandboxUnavailable: true,
  sandboxPreparation: true,
} as const satisfies Record<ProcessStartErrorKind, true>;
const MEMBERS = { argv: true, cwd: true } as const satisfies Record<ProcessStartErrorMember, true>;

/**
 * Read the `data` of a refused `process/start`.
 *
 * @returns `undefined` for data of any other form, which is also what executors before 0.171 send, and for kinds that are
 *   not known here. A `member` that is not known is left out.
 */
export function processStartErrorData(data: unknown): ProcessStartErrorData | undefined {
  if (!isObject(data) || !isOneOf(KINDS, data.kind)) return undefined;
  return isOneOf(MEMBERS, data.member) ? { kind: data.kind, member: data.member } : { kind: data.kind };
}

function isOneOf<Word extends string>(words: Readonly<Record<Word, true>>, value: unknown): value is Word {
  return typeof value === "string" && Object.hasOwn(words, value);
}
