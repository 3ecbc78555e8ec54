/** A member of params that only those send, and get, who have asked for what is experimental. */
export interface ExperimentalMember {
  /** Names of members, from the params on. */
  readonly path: readonly string[];
  /** When it is there: with any value but null; as a switch that is on; or with a value that has this member, which a refusal names otherwise. */
  readonly counts: "given" | "true" | { readonly has: string; readonly named: string };
}
