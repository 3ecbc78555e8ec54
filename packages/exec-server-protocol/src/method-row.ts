import type { NoticeRow, Replay, RequestRow } from "@holdfast/protocol-kit";
import type { ErrorName } from "./errors.ts";

/** What the handshake gate calls a group of methods. */
export type MethodFamily =
  | "exec"
  | "filesystem"
  | "environment info"
  | "environment status"
  | "environment config"
  | "http"
  | "capability discovery";

/** One row of the method table: what the kit says of a method, in the words of this protocol. */
export type MethodRow = (RequestRow | NoticeRow) & {
  /** Needs a complete handshake, and is refused by this name without one. Null: part of the handshake, or from the server. */
  readonly family: MethodFamily | null;
  /** First release that knows it; `holdfast`: an extension of this project, behind a capability. */
  readonly since: string;
  /** What a request may be refused with, besides `InvalidRequest` by the handshake and `InvalidParams` by decoding. */
  readonly errors: readonly ErrorName[];
};

const FS_ERRORS = ["InvalidRequest", "NotFound", "InternalError"] as const;

export function exec<Params extends string, Result extends string>(
  params: Params,
  result: Result,
  replay: Replay,
  errors: readonly ErrorName[],
  since = "0.142",
) {
  return { kind: "request", from: "client", params, result, family: "exec", since, replay, errors } as const;
}

export function fs<Params extends string, Result extends string>(
  params: Params,
  result: Result,
  replay: Replay,
  since = "0.142",
) {
  const family = "filesystem";
  return { kind: "request", from: "client", params, result, family, since, replay, errors: FS_ERRORS } as const;
}

export function notice<Params extends string>(params: Params, since = "0.142") {
  const nothing = { result: null, family: null, replay: null, errors: [] } as const;
  return { kind: "notice", from: "server", params, since, ...nothing } as const;
}
