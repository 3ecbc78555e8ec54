/** What the envelope of a notice says beside its params. */
export interface NoticeMetadata {
  /** When the server made the notice, in milliseconds since 1970. Undefined: servers before 0.169 do not say. */
  readonly emittedAtMs: number | undefined;
}
