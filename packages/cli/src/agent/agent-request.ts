/** What an agent is to do, and how. */
export interface AgentRequest {
  readonly prompt: string;
  /** Native absolute paths. */
  readonly images: readonly string[];
  /** The form of its last message, as a JSON Schema. */
  readonly outputSchema: unknown;
  /** The thread to go on with. Undefined: a new one. */
  readonly threadId: string | undefined;
  readonly model: string | undefined;
  /** Undefined: as configured. */
  readonly sandbox: SandboxMode | undefined;
  /** Folder of the work, on the machine where it is done. Undefined: that of this program, or of the executor. */
  readonly cwd: string | undefined;
  /** Members of the configuration, by dotted names. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly threadSource: string | undefined;
  /** The thread is kept nowhere. */
  readonly isEphemeral: boolean;
}

export const SANDBOX_MODES = ["read-only", "workspace-write", "danger-full-access"] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];
