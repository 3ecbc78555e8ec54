import { abortedBy, type FramePort, isLinkError, LinkError, shownUrl } from "@holdfast/rpc";
import type { DialOptions } from "@holdfast/rpc/client";
import { ProgramEnded, spawnStdio } from "@holdfast/rpc/stdio";
import { FinalRefusal, isFinalRefusal } from "../errors/final-refusal.ts";
import {
  COMMAND_CLOSE_GRACE_MS,
  INBOUND_MESSAGE_MAX_BYTES,
  SSH_ASK_INTERVAL_MS,
  SSH_INTERACTIVE_TIMEOUT_MS,
  SSH_SILENCE_MS,
} from "../limits.ts";
import { farScript } from "./far-script.ts";
import { ownProgram } from "./own-program.ts";
import { sshCommand } from "./ssh-command.ts";
import { sshFailure } from "./ssh-failure.ts";
import { openSsh, tooLong } from "./ssh-opening.ts";
import type { FarProgram, SshTarget } from "./ssh-target.ts";
import { sshDestination } from "./ssh-url.ts";

/** What a release or a build may be called: it stands in a command there. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9.+-]*$/;
const MARKER_BYTES = 12;

/**
 * Connect to the executor of a user on another machine by ssh. The program is put there if it is missing, and the executor is started if
 * there is none.
 *
 * @throws LinkError delivery `not-sent`: `timeout`, `aborted`, or `closed` for everything else, with what it means and what helps.
 */
export async function dialSsh(target: SshTarget, options: DialOptions): Promise<FramePort> {
  const { clock, signal } = options;
  const url = new URL(target.ssh);
  const shown = shownUrl(url);
  if (signal?.aborted) throw abortedBy(signal, `connecting to ${shown}`, { delivery: "not-sent" });
  const destination = sshDestination(url);
  const interactive = target.interactive === true && options.isFirst === true;
  const program = await programOf(target);
  const marker = markerWord();
  const script = farScript({ marker, version: safe(program?.version), build: safe(program?.build) });
  const command = target.command ?? ["ssh"];
  const [first = "", ...args] = sshCommand({ command, destination, interactive, script });
  const attempt = new Attempt(options, interactive ? SSH_INTERACTIVE_TIMEOUT_MS : options.connectTimeoutMs);
  try {
    const { port } = await spawnStdio({
      command: first,
      args,
      maxLineBytes: INBOUND_MESSAGE_MAX_BYTES,
      peerName: shown,
      clock,
      signal: attempt.signal,
      sharesTerminal: interactive,
      heartbeat: { intervalMs: SSH_ASK_INTERVAL_MS, silenceMs: SSH_SILENCE_MS },
      closeGraceMs: COMMAND_CLOSE_GRACE_MS,
      opening: (talk) => openSsh(talk, { marker, program, timer: attempt }),
    });
    return port;
  } catch (error) {
    throw failed(error, { shown, host: destination.host, command: command[0] ?? "ssh", attempt });
  } finally {
    attempt[Symbol.dispose]();
  }
}

function programOf({ program }: SshTarget): Promise<FarProgram | undefined> | FarProgram {
  if (program === undefined) return ownProgram();
  return typeof program === "function" ? program() : program;
}

/** The time of one attempt, and the signal that ends it. */
class Attempt implements Disposable {
  readonly #stop = new AbortController();
  readonly signal: AbortSignal;
  readonly #clock: DialOptions["clock"];
  #timer: { cancel(): void };
  /** The step that took too long. */
  late: LinkError | undefined;

  constructor({ clock, signal }: DialOptions, timeoutMs: number) {
    this.#clock = clock;
    this.signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    this.#timer = { cancel: () => {} };
    this.restart(timeoutMs, "connecting");
  }

  restart(milliseconds: number, what: string): void {
    this.#timer.cancel();
    this.#timer = this.#clock.after(milliseconds, () => {
      this.late = tooLong(what, milliseconds);
      this.#stop.abort(this.late);
    });
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }
}

function failed(
  error: unknown,
  { shown, host, command, attempt }: { shown: string; host: string; command: string; attempt: Attempt },
): LinkError {
  const because = (code: "closed" | "timeout", text: string, cause = error): LinkError =>
    new LinkError(code, `cannot connect to ${shown}: ${text}`, { delivery: "not-sent", cause });
  const refused = (text: string): LinkError => because("closed", text, new FinalRefusal(text, { cause: error }));
  if (attempt.late !== undefined) {
    return because("timeout", `${attempt.late.message}; try \`ssh ${host} true\`, and see what it waits for`);
  }
  if (isFinalRefusal(error)) return because("closed", error.message);
  if (!isLinkError(error)) return because("closed", error instanceof Error ? error.message : String(error));
  const { cause } = error;
  if (cause instanceof ProgramEnded) {
    const { text, isFinal } = sshFailure(cause, host);
    return isFinal ? refused(text) : because("closed", text);
  }
  const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return isMissing ? refused(`there is no ${command} here; install the client of OpenSSH`) : error;
}

function markerWord(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(MARKER_BYTES));
  return `holdfast-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function safe(name: FarProgram["build"] | undefined): string | undefined {
  if (name === undefined || SAFE_NAME.test(name)) return name;
  throw new LinkError("closed", `${JSON.stringify(name)} is no name of a release or build`, { delivery: "not-sent" });
}
