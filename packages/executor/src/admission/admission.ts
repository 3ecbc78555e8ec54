import { type ConnectionEnds, canFindFarSockets, type FarSocket, farSocket } from "./far-socket.ts";
import type { NetworkedCommands } from "./networked-commands.ts";
import { ownUser } from "./own-user.ts";
import { canFindHolders, findHolder, type SocketHolder } from "./socket-holders.ts";
import { canTellSocketPeers, type SocketPeer, socketPeer } from "./socket-peer.ts";

const ROOT = 0;
/** Processes that are remembered because they connected: a client that lost its connection comes back. */
const MAX_ACQUAINTANCES = 16;

/** What a listener is, and whom it admits besides the user that runs the executor. */
export interface AdmissionOptions {
  /** Other users of this machine, and what others confine there. */
  readonly otherLocalUsers: boolean;
  /** Every program on other machines that can reach the listener. */
  readonly otherMachines: boolean;
  /** `unix`: a socket that only its owner may open. Default `tcp`. */
  readonly transport?: "tcp" | "unix" | undefined;
  /**
   * Whether the listener asks every client for a secret besides, which confined commands do not know. Where the system does not tell who a client is,
   * the secret alone decides then. Default false.
   */
  readonly asksForSecret?: boolean | undefined;
}

/** A connection on a unix socket, by the descriptor of this side's end. */
export interface SocketConnection {
  readonly descriptor: number;
}

/** Who is admitted, in words for a log, or the reason of the refusal, in one line for the client. */
export type AdmissionVerdict =
  | { readonly kind: "admitted"; readonly name: string }
  | { readonly kind: "refused"; readonly reason: string };

/** How the owner of the executor admits clients that can't be identified. */
const LET_OTHERS_IN = "its owner lets others in with `holdfast serve --allow-other-local-users`";

/** A proxy of the executor serves confined commands. */
const BY_ITSELF = "the connection is of the executor itself, on behalf of a confined command";

function confinedReason(isStrict: boolean): string {
  return isStrict
    ? "the connection is of a confined process, which may not drive the executor"
    : `the connection is of a process in a sandbox or container, which may not drive this executor; ${LET_OTHERS_IN}`;
}

/** What the system reports, replaceable in tests. */
export interface AdmissionSources {
  user(): number | undefined;
  far(ends: ConnectionEnds): Promise<FarSocket>;
  holder: typeof findHolder;
  peer(descriptor: number): SocketPeer | undefined;
}

const SYSTEM: AdmissionSources = { user: ownUser, far: farSocket, holder: findHolder, peer: socketPeer };

/** Whether this system can identify the user and the process of a local connection. */
export function canTellPeersApart(transport: "tcp" | "unix"): boolean {
  if (ownUser() === undefined) return false;
  return transport === "unix" ? canTellSocketPeers() : canFindFarSockets() && canFindHolders();
}

/**
 * Decides who may drive an executor besides knowing a secret, where one is asked for: its own user and root, from this machine, but no process
 * that it confines itself.
 *
 * A client that can't be identified is refused: a socket that no process has any more looks like one of root's.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #commands: Pick<NetworkedCommands, "mayAct">;
  readonly #sources: AdmissionSources;
  /** The latest first. */
  #acquaintances: readonly number[] = [];

  constructor(
    options: AdmissionOptions,
    commands: Pick<NetworkedCommands, "mayAct">,
    sources: AdmissionSources = SYSTEM,
  ) {
    this.#options = options;
    this.#commands = commands;
    this.#sources = sources;
  }

  async judge(connection: ConnectionEnds | SocketConnection): Promise<AdmissionVerdict> {
    if ("descriptor" in connection) return this.#judgePeer(this.#sources.peer(connection.descriptor));
    const far = await this.#sources.far(connection);
    switch (far.kind) {
      case "elsewhere":
        return this.#options.otherMachines
          ? admitted(`a client on another machine, ${connection.remote.address}`)
          : refused("the connection is from another machine");
      case "orphaned":
        return refused("whose connection this is can't be told: its socket is closed already");
      case "owned":
        return this.#judgeOwner(far);
    }
  }

  async #judgeOwner({ uid, inode }: Extract<FarSocket, { kind: "owned" }>): Promise<AdmissionVerdict> {
    const verdict = this.#judgeUser(uid);
    if (verdict !== undefined) return verdict;
    const effort = this.#commands.mayAct ? "all" : "first";
    const acquaintances = this.#acquaintances;
    return this.#judgeHolder(await this.#sources.holder({ inode, uid, effort, acquaintances }), uid);
  }

  /** @returns `undefined` for the executor's own user, of whom the process counts as well. */
  #judgeUser(uid: number): AdmissionVerdict | undefined {
    const user = this.#sources.user();
    if (uid !== user && this.#options.otherLocalUsers) return admitted(`user ${uid}`);
    if (user === undefined) return refused(`this executor can't tell its own user from others here; ${LET_OTHERS_IN}`);
    if (uid === user) return undefined;
    // Who is root may do everything else as this user too. Ways in from outside, into a container say, are often root's.
    return uid === ROOT
      ? admitted("root")
      : refused(`this executor is for user ${user}, and the connection is of user ${uid}; ${LET_OTHERS_IN}`);
  }

  #judgePeer(peer: SocketPeer | undefined): AdmissionVerdict {
    if (peer === undefined) return refused("whose connection this is can't be told");
    const { uid, pid, place } = peer;
    const verdict = this.#judgeUser(uid);
    if (verdict !== undefined) return verdict;
    if (place === "free") return admitted(`user ${uid}, process ${pid}`);
    const isStrict = this.#commands.mayAct;
    if (!isStrict && (place === "self" || this.#options.otherLocalUsers)) return admitted(`user ${uid}`);
    if (place === "self") return refused(BY_ITSELF);
    if (place === "confined") return refused(confinedReason(isStrict));
    return refused(
      "which process made this connection can't be told: it has ended, or is outside of the executor's process namespace; connect from a process " +
        `that stays and that this executor can see${isStrict ? "" : `, or ${LET_OTHERS_IN}`}`,
    );
  }

  #judgeHolder(holder: SocketHolder, uid: number): AdmissionVerdict {
    // Looked at again: one may have been started while the holder was looked for.
    const isStrict = this.#commands.mayAct;
    const own = `user ${uid}`;
    if (holder.kind === "free") {
      const others = this.#acquaintances.filter((pid) => pid !== holder.pid);
      this.#acquaintances = [holder.pid, ...others].slice(0, MAX_ACQUAINTANCES);
      return admitted(own);
    }
    if (!isStrict && (holder.kind === "self" || this.#options.otherLocalUsers)) return admitted(own);
    if (holder.kind === "self") return refused(BY_ITSELF);
    if (holder.kind === "confined") return refused(confinedReason(isStrict));
    if (!isStrict && !holder.strangers) return admitted(own);
    return refused(
      "which process made this connection can't be told, and a confined command with a network may have: " +
        "connect again when it has ended, or from a process that this executor can see",
    );
  }
}

function admitted(name: string): AdmissionVerdict {
  return { kind: "admitted", name };
}

function refused(reason: string): AdmissionVerdict {
  return { kind: "refused", reason };
}
