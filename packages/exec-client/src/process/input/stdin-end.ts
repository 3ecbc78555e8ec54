/** The stdin of one process: how bytes get there, and how its end is told. */
export interface StdinEnd {
  /** Bytes that are best written at a time. */
  readonly blockBytes: number;
  /** Resolves when the executor has queued all of it. Writes keep their order. */
  write(data: string | Uint8Array): Promise<void>;
  /** Resolves when all that was written is on its way or has failed: there is room for more then. */
  sent(): Promise<void>;
  /**
   * Tell the process that nothing more comes, behind all that was written. Idempotent.
   *
   * @throws UnsupportedError the executor has no way to.
   */
  close(): Promise<void>;
  /** Whether input would be taken now. @throws LinkError there was no answer. */
  probe(): Promise<boolean>;
}
