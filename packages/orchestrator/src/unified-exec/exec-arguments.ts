/** What `exec_command` is asked for. */
export interface ExecArguments {
  /** Script for the shell. */
  readonly cmd: string;
  /** Native path on the executor; a relative one starts at the folder of the environment, which is also the default. */
  readonly workdir?: string | undefined;
  /** Program that runs the script. Default: the shell of the environment. */
  readonly shell?: string | undefined;
  /** Whether the shell reads what it reads at a login. Default true. */
  readonly login?: boolean | undefined;
  /** In a terminal, which can be written to, instead of on pipes with an empty stdin. Default false. */
  readonly tty?: boolean | undefined;
  /** Milliseconds to wait for its end. Default 10,000; taken to be at least 250 and at most 30,000. */
  readonly yieldTimeMs?: number | undefined;
  /** Tokens of output in the result. Default, and most unless the settings allow more: 10,000. */
  readonly maxOutputTokens?: number | undefined;
  /** Default: the primary environment. */
  readonly environmentId?: string | undefined;
  /** `require_escalated`: without its sandbox, if somebody approves. Default `use_default`. */
  readonly sandboxPermissions?: "use_default" | "require_escalated" | undefined;
  /** Why, for who is asked. Only with `require_escalated`. */
  readonly justification?: string | undefined;
  /** Beginning of command lines that may be approved for good. Only with `require_escalated`. */
  readonly prefixRule?: readonly string[] | undefined;
}

/** What `write_stdin` is asked for. */
export interface WriteArguments {
  readonly sessionId: number;
  /** Default: nothing, to look what it has done meanwhile. U+0003 to one without a terminal is an interrupt. */
  readonly chars?: string | undefined;
  /**
   * Milliseconds to wait for its end. With `chars`: default 250, taken to be at least 250 and at most 30,000. Without: at least 5,000, which is the
   * default, and at most 300,000.
   */
  readonly yieldTimeMs?: number | undefined;
  /** As of `exec_command`. */
  readonly maxOutputTokens?: number | undefined;
}
