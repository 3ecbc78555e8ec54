import { sendDatagram } from "@holdfast/executor";
import { type Clock, systemClock, type Timer } from "@holdfast/rpc";
import { reasonOf } from "../../command-line/failure.ts";
import { PASSED_SOCKET_VARIABLE } from "./passed-socket.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const US_PER_MS = 1_000;
const NS_PER_US = 1_000n;
/** As systemd recommends: so that one that comes late is no alarm. */
const WATCHDOG_SHARE = 2;
/** Longest text that is sent. */
const STATUS_MAX_LENGTH = 512;

/** What a service manager tells its services, and no command. */
const MANAGER_VARIABLES = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "LISTEN_PID",
  PASSED_SOCKET_VARIABLE,
];

/** An environment for commands: they are no services. */
export function withoutManager(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !MANAGER_VARIABLES.includes(name)));
}

/**
 * Tells the manager of services that started this program, where one did (`NOTIFY_SOCKET`), when it is ready, reads its settings anew and
 * stops, and as often as it wants to hear it that the program is alive.
 */
export class ServiceNotices {
  readonly #address: string | undefined;
  readonly #watchdogMs: number | undefined;
  readonly #clock: Clock;
  readonly #warn: (message: string, fields?: { readonly reason: string }) => void;
  #watchdog: Timer | undefined;

  /** @param warn - Told when the manager can't be reached. */
  constructor(
    env: Environment,
    warn: (message: string, fields?: { readonly reason: string }) => void,
    { clock = systemClock, pid = process.pid }: { readonly clock?: Clock; readonly pid?: number } = {},
  ) {
    this.#address = env.NOTIFY_SOCKET || undefined;
    this.#watchdogMs = watchdogMs(env, pid);
    this.#clock = clock;
    this.#warn = warn;
  }

  /** It serves. @param where - What clients connect to. */
  ready(where: string | undefined): void {
    const status = where === undefined ? [] : [`STATUS=serving on ${where}`.slice(0, STATUS_MAX_LENGTH)];
    this.#tell(["READY=1", ...status]);
    this.#tellAlive();
  }

  /** Reads its settings anew, until it is `ready` again. */
  reloading(): void {
    this.#tell(["RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / NS_PER_US}`]);
  }

  stopping(): void {
    this.#watchdog?.cancel();
    this.#tell(["STOPPING=1"]);
  }

  #tellAlive(): void {
    if (this.#watchdogMs === undefined) return;
    this.#watchdog?.cancel();
    this.#watchdog = this.#clock.after(this.#watchdogMs / WATCHDOG_SHARE, () => {
      this.#tell(["WATCHDOG=1"]);
      this.#tellAlive();
    });
  }

  #tell(lines: readonly string[]): void {
    if (this.#address === undefined) return;
    try {
      sendDatagram(this.#address, lines.join("\n"));
    } catch (error) {
      this.#warn("the service manager can't be told what this service does", { reason: reasonOf(error) });
    }
  }
}

/** How often it wants to hear of this very process, if it does. */
function watchdogMs({ NOTIFY_SOCKET, WATCHDOG_PID, WATCHDOG_USEC }: Environment, pid: number): number | undefined {
  const microseconds = Number(/^\d+$/.test(WATCHDOG_USEC ?? "") ? WATCHDOG_USEC : 0);
  const isForThis = !WATCHDOG_PID || WATCHDOG_PID === String(pid);
  return NOTIFY_SOCKET && isForThis && microseconds > 0 ? microseconds / US_PER_MS : undefined;
}
