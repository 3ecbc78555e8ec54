import { Socket } from "node:net";
import { resetSocket } from "@holdfast/rpc/tcp";
import type { OutgoingBytes } from "../platform/handed-bytes.ts";
import type { Child, ChildEvents } from "./child.ts";
import { connectionErrorCode, connectionReason } from "./connection-fault.ts";
import type { HandedConnection } from "./handed-child.ts";
import { OutputReader } from "./output-reader.ts";
import { UntakenInput } from "./untaken-input.ts";

const [BROKEN, KILLED] = [1, 137];

/** Go on with a connection that another program opened. What it has yet to send is its owner's to write. */
export function adoptConnection({ fd, hasExited }: HandedConnection, events: ChildEvents): ConnectionChild {
  const socket =
    fd === undefined ? new Socket().destroy() : new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  return new ConnectionChild(socket, events, { hasExited });
}

/** Its exit is the end of what the far side sends, its close the end of both directions. */
export class ConnectionChild implements Child {
  readonly pid = 0;
  readonly commandPid = undefined;
  readonly #socket: Socket;
  readonly #events: ChildEvents;
  readonly #reader: OutputReader;
  #failure: Error | undefined;
  readonly #untaken: UntakenInput;
  #hasExited: boolean;

  /** @param socket - Half-closed by neither side on its own. */
  constructor(socket: Socket, events: ChildEvents, { hasExited = false }: { readonly hasExited?: boolean } = {}) {
    this.#socket = socket;
    this.#events = events;
    this.#untaken = new UntakenInput(socket);
    this.#hasExited = hasExited;
    socket.on("end", () => this.#exit(0));
    socket.on("error", (error) => {
      this.#failure = error;
      events.inputBroken();
    });
    const data = (piece: Buffer) => events.output("stdout", piece);
    this.#reader = new OutputReader((take) => socket.on("data", take), { data, ended: () => this.#closed() });
  }

  write(data: Buffer, written: () => void): void {
    if (!this.#socket.writable) {
      written();
      return;
    }
    this.#untaken.add(data);
    this.#socket.write(data, () => {
      this.#untaken.shift();
      written();
    });
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

  /** Not by an end, which would say that all of it was there. */
  kill(): void {
    // A unix socket has no other way.
    if (this.#socket.remoteFamily === undefined) this.#socket.destroy();
    else resetSocket(this.#socket);
  }

  abandonOutput(): void {
    this.#reader.abandon();
  }

  handOver(bytes: OutgoingBytes): HandedConnection {
    return {
      kind: "connection",
      fd: this.#reader.handOver(),
      untaken: bytes.put(...this.#untaken.rest()),
      hasExited: this.#hasExited,
    };
  }

  #closed(): void {
    if (!this.#hasExited && this.#failure !== undefined) {
      const reason = connectionReason(connectionErrorCode(this.#failure));
      this.#events.output("stderr", Buffer.from(`${reason}\n`));
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
