/*
 * What clients have in common, whatever the API: how a far end is dialled, how a link outlives its lines, how arguments are checked.
 */
export { checkOptions, type OptionChecks } from "./arguments/check-options.ts";
export {
  abortSignal,
  anything,
  byteLimit,
  type Check,
  callback,
  clientCertificate,
  commandLine,
  duration,
  flag,
  objectOrNull,
  oneOf,
  permissionBits,
  stringsByName,
  text,
  timeLimit,
  wholeNumber,
} from "./arguments/checks.ts";
export { InvalidArgumentError } from "./arguments/invalid-argument-error.ts";
export { nearestName } from "./arguments/nearest-name.ts";
export { shownValue } from "./arguments/shown-value.ts";
export { HoldAbove, type HoldMarks } from "./hold-above.ts";
export { CLIENT_LIMITS } from "./limits.ts";
export { type Backoff, backoffMs } from "./reconnect/backoff.ts";
export {
  type CallPolicy,
  type HealingLine,
  HealingLink,
  type HealingLinkPort,
  type HealingState,
} from "./reconnect/healing-link.ts";
export { keepAlive } from "./reconnect/keep-alive.ts";
export { endError, type LinkEnd } from "./reconnect/link-end.ts";
export { pause } from "./reconnect/pause.ts";
export { isLineFailure, type RecoverOptions, type RecoverySettings, recover } from "./reconnect/recover.ts";
export type { Credentials, DialOptions } from "./targets/dial-options.ts";
export { dialSocket } from "./targets/dial-socket.ts";
export { type DialTarget, dialWithin } from "./targets/dial-target.ts";
export { untilAborted } from "./until-aborted.ts";
