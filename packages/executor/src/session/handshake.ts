import { ERROR_CODES, type MethodFamily } from "@holdfast/exec-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import type { Session } from "./session.ts";

/** How far a connection has come. It only ever moves on. */
export type HandshakeState =
  | { readonly kind: "fresh" }
  | { readonly kind: "initialized"; readonly session: Session }
  | { readonly kind: "ready"; readonly session: Session };

/** The order in which a connection may speak: `initialize`, `initialized`, then everything else. */
export class Handshake {
  #state: HandshakeState = { kind: "fresh" };

  get session(): Session | undefined {
    return this.#state.kind === "fresh" ? undefined : this.#state.session;
  }

  /** @throws RpcFault when a session was opened on this connection before. */
  checkFresh(): void {
    if (this.#state.kind !== "fresh") {
      throw new RpcFault(ERROR_CODES.InvalidRequest, "initialize may only be sent once per connection");
    }
  }

  opened(session: Session): void {
    this.#state = { kind: "initialized", session };
  }

  /** The client's `initialized`; a second one changes nothing. @throws Error before a session is open. */
  confirmed(): void {
    if (this.#state.kind === "fresh") throw new Error("initialized arrived before initialize");
    this.#state = { kind: "ready", session: this.#state.session };
  }

  /** The session, for a method of `family`. @throws RpcFault while the handshake is not complete. */
  require(family: MethodFamily): Session {
    if (this.#state.kind === "ready") return this.#state.session;
    const missing = this.#state.kind === "fresh" ? "call initialize" : "send initialized";
    throw new RpcFault(ERROR_CODES.InvalidRequest, `client must ${missing} before using ${family} methods`);
  }
}
