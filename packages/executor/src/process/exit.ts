/** How the leader ended. */
export interface Exit {
  /** The number of the event. */
  readonly exitSeq: number;
  readonly exitCode: number;
  readonly sandboxDenied: boolean;
}
