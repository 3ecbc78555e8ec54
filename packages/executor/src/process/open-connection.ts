import { connect, type Socket } from "node:net";
import type { Clock } from "@holdfast/rpc";
import { errnoName, osErrorText } from "../platform/os-error.ts";
import type { Child, ChildEvents } from "./child.ts";
import { OutputReader } from "./output-reader.ts";

/** Where a connection goes to. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
}

/** How long a connection may take to come about; systems try for minutes. */
const CONNECT_PATIENCE_MS = 30_000;
const [BROKEN, KILLED] = [1, 137];
const NO_ADDRESS = "no address is known for that name";
const ODD_CODE = "EIO";

/** There is no connection. The message says why, `code` is the name of the system's error. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly code: string;
  /** What failed: finding an address, or connecting to one. */
  readonly syscall: "getaddrinfo" | "connect";

  constructor({ host, port }: ConnectionTarget, code: string, options?: ErrorOptions) {
    super(`${host} port ${port} can't be reached: ${reasonOf(code)}`, options);
    this.code = code;
    this.syscall = isUnknownName(code) ? "getaddrinfo" : "connect";
  }
}

/** Open a TCP connection as a child. @throws ConnectionFault */
export function openConnection(
  target: ConnectionTarget,
  delay: Pick<Clock, "after">,
  events: ChildEvents,
): Promise<Child> {
  const { promise, resolve, reject } = Promise.withResolvers<Child>();
  const { host, port } = target;
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, keepAlive: true });
  const failed = (code: string, cause?: unknown): void => {
    timer.cancel();
    socket.destroy();
    reject(new ConnectionFault(target, code, { cause }));
  };
  const timer = delay.after(CONNECT_PATIENCE_MS, () => failed("ETIMEDOUT"));
  const refused = (error: Error): void => failed(errnoName(error) ?? ODD_CODE, error);
  socket.once("error", refused);
  socket.once("connect", () => {
    timer.cancel();
    socket.off("error", refused);
    resolve(new ConnectionChild(socket, events));
  });
  return promise;
}

function reasonOf(code: string): string {
  return isUnknownName(code) ? NO_ADDRESS : (osErrorText(code) ?? code);
}

function isUnknownName(code: string): boolean {
  return code === "ENOTFOUND" || code.startsWith("EAI_");
}

/** Its exit is the end of what the far side sends, its close the end of both directions. */
class ConnectionChild implements Child {
  readonly pid = 0;
  readonly commandPid = undefined;
  readonly #socket: Socket;
  readonly #events: ChildEvents;
  readonly #reader: OutputReader;
  #failure: Error | undefined;
  #hasExited = false;

  constructor(socket: Socket, events: ChildEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on("end", () => this.#exit(0));
    socket.on("error", (error) => {
      this.#failure = error;
      events.inputBroken();
    });
    const data = (piece: Buffer) => events.output("stdout", piece);
    this.#reader = new OutputReader((take) => socket.on("data", take), { data, ended: () => this.#closed() });
  }

  write(data: Buffer, written: () => void): void {
    if (this.#socket.writable) this.#socket.write(data, () => written());
    else written();
  }

  endInput(): void {
    this.#socket.end();
  }

  pauseOutput(): void {
    this.#reader.pause();
  }

  resumeOutput(): void {
    this.#reader.resume();
  }

  signal(): boolean {
    return false;
  }

  kill(): void {
    this.#socket.destroy();
  }

  abandonOutput(): void {
    this.#reader.abandon();
  }

  #closed(): void {
    if (!this.#hasExited && this.#failure !== undefined) {
      const code = errnoName(this.#failure) ?? ODD_CODE;
      this.#events.output("stderr", Buffer.from(`${reasonOf(code)}\n`));
    }
    this.#exit(this.#failure === undefined ? KILLED : BROKEN);
    this.#events.ended();
  }

  #exit(exitCode: number): void {
    if (this.#hasExited) return;
    this.#hasExited = true;
    this.#events.exited(exitCode);
  }
}
