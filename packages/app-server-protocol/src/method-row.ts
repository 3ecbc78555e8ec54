import type { NoticeRow, Replay, RequestRow, Side } from "@holdfast/protocol-kit";

/** One row of the method table: what the kit says of a method, in the words of this protocol. */
export type MethodRow = (RequestRow | NoticeRow) & {
  /** Refused without a handshake, except for `initialize`, and always in the same words: there are no groups. */
  readonly family: null;
  /** The first supported release that knows it. */
  readonly since: string;
  /** The first supported release that does not know it any more. Undefined: the newest one does. */
  readonly removedIn: string | undefined;
  /** Known only to peers that have both asked for it: `initialize` with `capabilities.experimentalApi`. */
  readonly experimental: boolean;
};

/** What is unusual about a method. */
interface Unusual {
  readonly optionalParams?: boolean;
  readonly removedIn?: string;
  readonly experimental?: boolean;
}

export function request(
  from: Side,
  params: string | null,
  result: string,
  since: string,
  {
    optionalParams = false,
    removedIn,
    experimental = false,
    replay = "never",
  }: Unusual & { readonly replay?: Replay } = {},
): MethodRow {
  return {
    kind: "request",
    from,
    params,
    result,
    optionalParams,
    family: null,
    since,
    removedIn,
    experimental,
    replay,
    errors: [],
  };
}

export function notice(
  from: Side,
  params: string | null,
  since: string,
  { optionalParams = false, removedIn, experimental = false }: Unusual = {},
): MethodRow {
  const nothing = { result: null, replay: null, errors: [] } as const;
  return { kind: "notice", from, params, optionalParams, family: null, since, removedIn, experimental, ...nothing };
}
