import type { Socket } from "node:net";
import { resetSocket } from "./reset-socket.ts";

/** Turns newcomers away while it is in force. The port stays taken, so that nobody else can get it meanwhile. */
export class Doorkeeper {
  #state: "admitting" | "refusing" = "admitting";
  /** Connections that were turned away. */
  refusedCount = 0;

  refuse(): void {
    this.#state = "refusing";
  }

  admit(): void {
    this.#state = "admitting";
  }

  /** Whether this one may come in; one that may not is reset. */
  admits(socket: Socket): boolean {
    if (this.#state === "admitting") return true;
    this.refusedCount += 1;
    socket.on("error", () => {});
    resetSocket(socket);
    return false;
  }
}
