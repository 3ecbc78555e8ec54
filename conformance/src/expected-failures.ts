import type { AcceptedMessage } from "./corpus.ts";

/** A disagreement that is known and has a reason. The scenario must keep failing there, else the entry is stale. */
export interface ExpectedFailure {
  readonly scenario: string;
  /** `codex 0.169.0`: one release. `codex`: every release that runs the scenario. */
  readonly executors: readonly string[];
  readonly reason: string;
  /** What the failure says. Failing in another way is a failure like any other. */
  readonly failsWith: RegExp;
}

const SINCE_0_169 = ["codex 0.169.0", "codex 0.171.0"];

/** What fails when the executor runs as root only. */
const AS_ROOT: readonly ExpectedFailure[] = [
  {
    scenario: "wire.hostile-sysctl",
    executors: SINCE_0_169,
    reason: "settings of the kernel belong to root, also in a sandbox that root started",
    failsWith: /let through: \/proc\/sys\/kernel\/core_pattern/,
  },
];

export const EXPECTED_FAILURES: readonly ExpectedFailure[] = [
  {
    scenario: "wire.pipelined-starts",
    executors: ["codex"],
    reason: "one task serves both directions of the socket and stops for good when both its queues are full",
    failsWith: /^\d+ of 500 expected messages within/,
  },
  {
    scenario: "cli.held-line-60s",
    executors: ["codex 0.142.5", "codex 0.144.6"],
    reason: "a session without a client ends after 30 s, and its commands with it",
    failsWith: /mark-/,
  },
  {
    scenario: "wire.long-poll-delays-nothing",
    executors: ["codex"],
    reason: "requests of a connection run one after the other, also behind a long poll",
    failsWith: /^0 of 1 expected messages within/,
  },
  {
    scenario: "wire.write-order",
    executors: SINCE_0_169,
    reason: "with concurrent requests there is no order between writes to one process",
    failsWith: /another order/,
  },
  {
    scenario: "wire.violation-has-a-reason",
    executors: ["codex"],
    reason: "the socket is dropped without a close frame",
    failsWith: /without a close frame/,
  },
  {
    scenario: "wire.pty-missing-folder",
    executors: ["codex"],
    reason: "the command silently runs in the home folder",
    failsWith: /started somewhere/,
  },
  {
    scenario: "wire.non-utf8-environment",
    executors: ["codex"],
    reason: "building the environment panics; the start is never answered",
    failsWith: /^0 of 1 expected messages within|line closed/,
  },
  {
    scenario: "wire.copy-onto-itself",
    executors: ["codex"],
    reason: "the file is truncated before it is read",
    failsWith: /lost its content/,
  },
  {
    scenario: "wire.failed-write-loses-nothing",
    executors: ["codex"],
    reason: "files are truncated and written in place",
    failsWith: /old content is gone/,
  },
  {
    scenario: "wire.odd-names",
    executors: ["codex"],
    reason: "control characters are lost in URIs, and invalid UTF-8 is replaced",
    failsWith: /could not look at everything|reading file:/,
  },
  { scenario: "wire.remove-home", executors: ["codex"], reason: "any path is removed", failsWith: /home was removed/ },
  {
    scenario: "wire.output-before-exit",
    executors: ["codex"],
    reason: "exit and output race for their sequence numbers",
    failsWith: /ended before their output/,
  },
  {
    scenario: "wire.sandbox-denied-program-missing",
    executors: SINCE_0_169,
    reason: "the wrapper panics, and names itself in the text that is searched for the word",
    failsWith: /taken for a denial/,
  },
  {
    scenario: "wire.hostile-environment",
    executors: SINCE_0_169,
    reason: "the wrapper takes the temporary folder that may be written from the command's own environment",
    failsWith: /let through: write to its TMPDIR/,
  },
  {
    scenario: "wire.hostile-wrapper-path",
    executors: SINCE_0_169,
    reason: "the wrapper is looked for on the command's own PATH",
    failsWith: /ran unconfined/,
  },
  {
    scenario: "wire.hostile-preload",
    executors: SINCE_0_169,
    reason: "the wrapper is started with the command's environment",
    failsWith: /^2 programs loaded it/,
  },
  {
    scenario: "wire.hostile-kernel-programs",
    executors: SINCE_0_169,
    reason: "the keyring of the session that started the executor can be read and written",
    failsWith: /let through: keyctl/,
  },
  {
    scenario: "wire.hostile-unix-sockets",
    executors: SINCE_0_169,
    reason: "a datagram that names its receiver is no connect",
    failsWith: /let through: datagram/,
  },
  {
    scenario: "wire.hostile-fork-bomb",
    executors: SINCE_0_169,
    reason: "the number of processes has no limit",
    failsWith: /nothing held/,
  },
  ...(process.getuid?.() === 0 ? AS_ROOT : []),
];

/** The entry that covers a scenario on an executor, if there is one. */
export function expectedFailure(scenario: string, executorName: string): ExpectedFailure | undefined {
  return EXPECTED_FAILURES.find(
    (entry) =>
      entry.scenario === scenario &&
      entry.executors.some((covered) => executorName === covered || executorName.startsWith(`${covered} `)),
  );
}

/** A recorded message that this implementation refuses on purpose. It must keep being refused, in these words. */
export interface CorpusException {
  readonly release: string;
  readonly method: string;
  readonly kind: AcceptedMessage["kind"];
  /** Part of the message as JSON, to tell it from others of its method. */
  readonly contains: string;
  readonly refusedWith: RegExp;
  readonly reason: string;
}

export const CORPUS_EXCEPTIONS: readonly CorpusException[] = [];

/** The exception that covers a recorded message, if there is one. */
export function corpusException({ release, method, kind, message }: AcceptedMessage): CorpusException | undefined {
  return CORPUS_EXCEPTIONS.find(
    (exception) =>
      exception.release === release &&
      exception.method === method &&
      exception.kind === kind &&
      JSON.stringify(message).includes(exception.contains),
  );
}
