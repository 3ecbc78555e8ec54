import { CLIENT_LIMITS } from "@holdfast/rpc/client";

// Bounds that belong to the protocol are stated there, once.
export {
  ACCEPT_WAIT_MAX_MS,
  FILE_BLOCK_MAX_BYTES,
  FILE_HANDLES_MAX,
  HTTP_BODY_DELTA_MAX_BYTES,
  HTTP_QUEUED_BODY_MAX_BYTES,
  READ_FILE_MAX_BYTES,
  REORDER_MAX_BYTES,
  REORDER_MAX_EVENTS,
  WALK_MAX_DEPTH,
  WALK_MAX_DIRECTORIES,
  WALK_MAX_ENTRIES,
} from "@holdfast/exec-server-protocol";

/** Pause before an executor is asked for a connection again that said at once that there is none, milliseconds. */
export const ACCEPT_PAUSE_MS = 100;

/** Default wait for the connection itself (TCP and websocket handshake, or start of a child), milliseconds. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Pause between questions to an executor behind ssh, milliseconds: the far end of the line takes one that is silent for 15 s for lost. */
export const SSH_ASK_INTERVAL_MS = 5_000;

/** Silence that makes a line through ssh a lost one, milliseconds. */
export const SSH_SILENCE_MS = 15_000;

/** Wait for the connection of ssh where somebody may have to enter a password, milliseconds. */
export const SSH_INTERACTIVE_TIMEOUT_MS = 120_000;

/** What a login may print before the far end speaks, bytes. */
export const SSH_BANNER_MAX_BYTES = 262_144;

/** What is told of the words of a far end that is no connection yet, characters. */
export const SSH_TOLD_MAX_CHARACTERS = 1_024;

/** How long sending the program may stand still, milliseconds. */
export const SSH_UPLOAD_STALL_MS = 15_000;

/** Time that a command behind which an executor is gets to pass on the last messages, milliseconds. */
export const COMMAND_CLOSE_GRACE_MS = 2_000;

/** Pause between questions to an executor behind another command, and silence that makes a lost line of it, milliseconds. */
export const COMMAND_ASK_INTERVAL_MS = 20_000;
export const COMMAND_SILENCE_MS = 60_000;

/** Pause between two attempts to start a command that leads to an executor again, milliseconds: servers take offence at more. */
export const COMMAND_RETRY_INTERVAL_MS = 1_000;

/** Wait for one answer of a relay's registry, milliseconds. */
export const RELAY_BUNDLE_TIMEOUT_MS = 6_000;

/** Requests that follow a first one which a busy registry did not grant, and the time for all of them, milliseconds. */
export const RELAY_BUNDLE_RETRIES_MAX = 4;
export const RELAY_BUNDLE_PATIENCE_MS = 14_000;

/** Pauses between attempts through a relay, milliseconds: doubled each time, each up to half longer. */
export const RELAY_RETRY_PAUSES = { firstMs: 500, maxMs: 5_000, jitter: "adds" } as const;

/** Wait for the socket to a relay, and for the executor's answer behind it, milliseconds each, where nothing else is said. */
export const RELAY_HANDSHAKE_TIMEOUT_MS = 10_000;

/** Pause between questions to an executor behind a relay, and silence that makes a lost line of it, milliseconds: the relay itself is pinged. */
export const RELAY_ASK_INTERVAL_MS = 20_000;
export const RELAY_SILENCE_MS = 60_000;

/** Lines for bodies of HTTP answers through a relay; more bodies at a time share that of the session. An executor has 128 for all its clients. */
export const RELAY_HTTP_LINES_MAX = 4;

/** Default wait for the answer to `initialize`, milliseconds. */
export const INITIALIZE_TIMEOUT_MS = 10_000;

/** Wait for `environment/info`, milliseconds. */
export const ENVIRONMENT_INFO_TIMEOUT_MS = 30_000;

/** Wait for `environment/status`, milliseconds. */
export const ENVIRONMENT_STATUS_TIMEOUT_MS = 10_000;

/**
 * Wait for the answer to a start, a signal, a terminate or a read on one connection, milliseconds. Long: executors that work off one
 * request at a time answer only after every slower request before it.
 */
export const ANSWER_TIMEOUT_MS = 60_000;

/** Wait for the answer to one step of a file or folder on its way on one connection, milliseconds: ten minutes. */
export const COPY_STEP_TIMEOUT_MS = 600_000;

/** The same for putting a whole folder in place, where that is file by file: an hour. */
export const COPY_COMMIT_TIMEOUT_MS = 3_600_000;

/** How long a missing sequence number may stay missing on a live connection before it is read back, milliseconds. */
export const HOLE_TIMEOUT_MS = 250;

/**
 * Wait for the `process/read` that is to fill a hole, milliseconds. Long: executors that work off one request at a time
 * answer it only after every slower request before it.
 */
export const HOLE_READ_TIMEOUT_MS = 60_000;

/** Events kept for subscribers that come late. */
export const REPLAY_MAX_EVENTS = 256;

/** The same, in bytes of output: 1 MiB. */
export const REPLAY_MAX_BYTES = 1_048_576;

/** Events kept for a subscriber that accepts gaps and has yet to take them. */
export const LAG_MAX_EVENTS = 16_384;

/** The same, in bytes of output: 16 MiB. */
export const LAG_MAX_BYTES = 16_777_216;

/** What an event that waits for its subscriber counts besides its output, bytes. */
export const EVENT_OVERHEAD_BYTES = 256;

/** Waiting events of one subscriber at which the process is held back, and at which it goes on: 4 MiB and 1 MiB. */
export const HOLD_PROCESS_MARKS = { highBytes: 4_194_304, lowBytes: 1_048_576 };

/** Milliseconds before an executor that did not answer is told once more whether to hold the output of a process. */
export const HOLD_RETRY_MS = 250;

/**
 * The same for the whole connection, 64 MiB and 48 MiB. Only an executor that sends on in spite of a hold gets there: what was on its
 * way when the hold began, in its queue and in those of the network, is far less.
 */
export const HOLD_LINE_MARKS = { highBytes: 67_108_864, lowBytes: 50_331_648 };

/** Largest message accepted from an executor: 256 MiB, a file of some 190 MiB read in one piece. */
export const INBOUND_MESSAGE_MAX_BYTES: number = CLIENT_LIMITS.maxInboundMessageBytes;

/** Default of `maxOutputBytes` of `run`: 16 MiB of stdout and stderr together. */
export const RUN_OUTPUT_MAX_BYTES = 16_777_216;

/** How long `run` and a disposed process wait for `process/closed` after a terminate, milliseconds. */
export const TERMINATE_WAIT_MS = 2_000;

/** The same for one that had exited before: what it left running may hold its output, and not every executor can end that. */
export const REMAINS_WAIT_MS = 500;

/** How often a terminate is repeated that was not answered, or not in a way that can be read. */
export const TERMINATE_UNANSWERED_MAX = 5;

/** Default time from the loss of a line until its session is given up, milliseconds. */
export const RECOVERY_DEADLINE_MS = 45_000;

/** Default pause between two attempts to get a new line, milliseconds. Old executors keep a session for only 30 s. */
export const RECOVERY_RETRY_INTERVAL_MS = 100;

/**
 * Calls in flight on a connection to an executor that is not known to take more, and those beyond it that end processes. Releases of
 * Codex queue 128 and stop for good when more come while processes print.
 */
export const UNKNOWN_EXECUTOR_CALLS = { maxPendingCalls: 96, maxUrgentCalls: 32 };

/** The same where the executor is this project's: it reads on, however many come. */
export const HOLDFAST_EXECUTOR_CALLS = { maxPendingCalls: 1_024, maxUrgentCalls: 1_024 };

/** Wait for one `process/read` on a line that is not in use yet, milliseconds. */
export const CATCH_UP_READ_TIMEOUT_MS = 10_000;

/** Reads in flight at a time while catching up. */
export const CATCH_UP_CONCURRENCY = 8;

/** Events of one process kept while it is caught up with: the executor pushes new ones at the same time. */
export const CATCH_UP_MAX_EVENTS = 65_536;

/** The same, in bytes of output: 16 MiB. */
export const CATCH_UP_MAX_BYTES = 16_777_216;

/** Default of `maxLineBytes` of `process.lines`: 1 MiB. */
export const LINE_MAX_BYTES = 1_048_576;

/** Default of `killGraceMs`: how long a process may take to end after `killSignal`, milliseconds. */
export const KILL_GRACE_MS = 5_000;

/** Keys that wait for their process before the terminal is read on: 64 KiB. */
export const KEYS_AHEAD_MAX_BYTES = 65_536;

/** How long a helper command on the executor may take to signal or resize a process, milliseconds. */
export const HELPER_TIMEOUT_MS = 10_000;

/** Output that may still come after the exit, from executors that tell of an exit at once: how long `run` waits for it, milliseconds. */
export const EXIT_DRAIN_MS = 100;

/** Bytes per `process/write`; longer input is cut into several. */
export const WRITE_MAX_BYTES = 262_144;

/** Calls of `process/write` of one process that are sent and not answered; what goes beyond waits here. */
export const UNANSWERED_WRITES_MAX = 16;

/** The same in bytes: 1 MiB. */
export const UNANSWERED_WRITES_MAX_BYTES = 1_048_576;

/** Body of a request of `fetch`: 11 MiB, so that its message stays below the 16 MiB that executors take. */
export const HTTP_REQUEST_BODY_MAX_BYTES = 11_534_336;

/** Lines for bodies of HTTP answers that are kept for the next request. */
export const HTTP_IDLE_LINES_MAX = 4;

/** Pause between pings on a line for bodies, milliseconds. While it is held back they are its only sign of life. */
export const HTTP_LINE_PING_INTERVAL_MS = 3_000;

/** Processes that have a connection of their own at a time; one more shares that of the session. */
export const OWN_SESSIONS_MAX = 64;

/** How long the session of one process goes on after its close, milliseconds: as long as the oldest releases keep the output. */
export const OWN_SESSION_LINGER_MS = 30_000;

/** Such sessions that go on at a time; one more ends the oldest. */
export const OWN_SESSIONS_LINGERING_MAX = 8;

/**
 * Of the files that may be open on a connection, those that are kept for writing where streams write through them: a copy that reads one
 * file waits for no other copy to be able to write its own.
 */
export const FILE_HANDLES_TO_WRITE = 32;

/** Of what a session may have staged, the places that are kept for files within a folder that is staged. */
export const STAGED_IN_FOLDERS_KEPT = 32;

/** Blocks of one file that are asked for, or sent, before the first of them is answered. */
export const FILE_BLOCKS_IN_FLIGHT = 8;

/** Files up to this size travel in one message, larger ones in blocks: a message of 16 MiB can cost the line. 11 MiB. */
export const FILE_MESSAGE_MAX_BYTES = 11_534_336;

/** Bytes per part of a large file for executors that take no blocks: 8 MiB. */
export const FILE_PART_BYTES = 8_388_608;

/** Parts of one file that are sent before the first of them is answered. */
export const FILE_PARTS_IN_FLIGHT = 2;

/**
 * Lost lines in a row that a transfer, or one step of it, survives without having got on in between. Not one: what arrived
 * there counts only once its answer is here, and of many transfers on a bad line, one that has only begun can meet every
 * cut. Not without end: a request may be what breaks it.
 */
export const FRUITLESS_REOPENS_MAX = 5;

/** Events of a watch that wait for their reader; one more makes them an `overflow`. */
export const WATCH_QUEUE_MAX_EVENTS = 8_192;

/** Default pause between two looks of a watch on an executor that has none itself, milliseconds. */
export const WATCH_POLL_INTERVAL_MS = 1_000;

/** What GNU `find` may print about one tree: 16 MiB, some 200,000 entries. */
export const FIND_OUTPUT_MAX_BYTES = 16_777_216;

/** How long to look for what kept a process from being started, where the executor does not say: 2 s for each look. */
export const START_LOOK_TIMEOUT_MS = 2_000;

/** How long a gateway tries to reach its executor for a client that begins, milliseconds: less than releases of Codex wait. */
export const GATEWAY_OPEN_PATIENCE_MS = 8_000;

/** How long after the loss of its connection a start that the executor does not know is made anew, milliseconds: below what the oldest releases keep of what has ended. */
export const START_AGAIN_WITHIN_MS = 15_000;

/** Bulk of calls of one client that wait in a gateway at which it is not read on, and at which it is again: 64 MiB and 16 MiB. */
export const GATEWAY_WAITING_MARKS = { highBytes: 67_108_864, lowBytes: 16_777_216 };
