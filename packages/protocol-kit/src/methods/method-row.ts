/** Which end of a connection. */
export type Side = "client" | "server";

/**
 * What may happen to a request whose answer was lost with the connection. `always`: send it again, the other side tells a repeated
 * one from a new one, or it changes nothing. `once`: it changes nothing, but its answer may be what breaks the connection. `never`:
 * done twice it may do harm, so that only the caller can decide.
 */
export type Replay = "always" | "once" | "never";

interface AnyRow {
  /** Who sends it. */
  readonly from: Side;
  /** Wire type of the params; null where there are none. */
  readonly params: string | null;
  /** The params may be left out, or null. Default: where there is a type, they are needed. */
  readonly optionalParams?: boolean | undefined;
  /** Group that the gate before it names in a refusal; null: no gate. */
  readonly family: string | null;
  /** First release that knows it. */
  readonly since: string;
}

/** A method that is answered. */
export interface RequestRow extends AnyRow {
  readonly kind: "request";
  /** Wire type of the result. */
  readonly result: string;
  readonly replay: Replay;
  /** Names of the refusals that it may be answered with. */
  readonly errors: readonly string[];
}

/** A method that is not answered. */
export interface NoticeRow extends AnyRow {
  readonly kind: "notice";
  readonly result: null;
  readonly replay: null;
  readonly errors: readonly [];
}

/** One row of a method table. */
export type MethodRow = RequestRow | NoticeRow;

/** Every method of an API, in both directions, by wire name. */
export type MethodTable = Readonly<Record<string, MethodRow>>;
