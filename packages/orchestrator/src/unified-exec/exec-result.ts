/** What is known of a command after one look at it. */
export interface ExecResult {
  /** Six hexadecimal digits. */
  readonly chunkId: string;
  /** How long this look took, in milliseconds. */
  readonly wallTimeMs: number;
  /** 128 + n for one that a signal n ended. Undefined: it runs on. */
  readonly exitCode: number | undefined;
  /** For `write`, while it runs on. Undefined: it has ended. */
  readonly sessionId: number | undefined;
  /** An estimate for all output since the last look, of which `output` may be a part. */
  readonly originalTokenCount: number;
  /** What it printed since the last look, within the budget. */
  readonly output: string;
  /** Whether the executor takes the sandbox for the cause of its failure. */
  readonly sandboxDenied: boolean;
}

/** The result as a model is told it. */
export function resultText(result: ExecResult): string {
  const { chunkId, wallTimeMs, exitCode, sessionId, originalTokenCount, output } = result;
  return [
    `Chunk ID: ${chunkId}`,
    `Wall time: ${(wallTimeMs / 1_000).toFixed(4)} seconds`,
    ...(exitCode === undefined ? [] : [`Process exited with code ${exitCode}`]),
    ...(sessionId === undefined ? [] : [`Process running with session ID ${sessionId}`]),
    `Original token count: ${originalTokenCount}`,
    "Output:",
    output,
  ].join("\n");
}
