import { type ConnectionEnds, canFindFarSockets, type FarSocket, farSocket } from "./far-socket.ts";
import type { NetworkedCommands } from "./networked-commands.ts";
import { ownUser } from "./own-user.ts";
import { canFindHolders, findHolder, type SocketHolder } from "./socket-holders.ts";

const ROOT = 0;
/** Processes that are remembered because they connected: a client that lost its connection comes back. */
const MAX_ACQUAINTANCES = 16;

/** Whom a listener without a token admits besides the user that runs the executor. */
export interface AdmissionOptions {
  /** Other users of this machine, and what others confine there. */
  readonly otherLocalUsers: boolean;
  /** Every program on other machines that can reach the listener. */
  readonly otherMachines: boolean;
}

/** Who is admitted, in words for a log, or the reason of the refusal, in one line for the client. */
export type AdmissionVerdict =
  | { readonly kind: "admitted"; readonly name: string }
  | { readonly kind: "refused"; readonly reason: string };

/** How the owner of the executor admits clients that can't be identified. */
const LET_OTHERS_IN = "its owner lets others in with `holdfast serve --allow-other-local-users`";

/** What the system reports, replaceable in tests. */
export interface AdmissionSources {
  user(): number | undefined;
  far(ends: ConnectionEnds): Promise<FarSocket>;
  holder: typeof findHolder;
}

const SYSTEM: AdmissionSources = { user: ownUser, far: farSocket, holder: findHolder };

/** Whether this system can identify the user of a local connection. */
export function canTellPeersApart(): boolean {
  return canFindFarSockets() && canFindHolders() && ownUser() !== undefined;
}

/**
 * Decides who may drive an executor over TCP without a token: its own user and root, from this machine, but no process that it
 * confines itself.
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

  async judge(ends: ConnectionEnds): Promise<AdmissionVerdict> {
    const far = await this.#sources.far(ends);
    switch (far.kind) {
      case "elsewhere":
        return this.#options.otherMachines
          ? admitted(`a client on another machine, ${ends.remote.address}`)
          : refused("the connection is from another machine");
      case "orphaned":
        return refused("whose connection this is can't be told: its socket is closed already");
      case "owned":
        return this.#judgeUser(far);
    }
  }

  async #judgeUser({ uid, inode }: Extract<FarSocket, { kind: "owned" }>): Promise<AdmissionVerdict> {
    const user = this.#sources.user();
    if (uid !== user && this.#options.otherLocalUsers) return admitted(`user ${uid}`);
    if (user === undefined) return refused(`this executor can't tell its own user from others here; ${LET_OTHERS_IN}`);
    if (uid !== user) {
      // Who is root may do everything else as this user too. Ways in from outside, into a container say, are often root's.
      return uid === ROOT
        ? admitted("root")
        : refused(`this executor is for user ${user}, and the connection is of user ${uid}; ${LET_OTHERS_IN}`);
    }
    const effort = this.#commands.mayAct ? "all" : "first";
    const acquaintances = this.#acquaintances;
    return this.#judgeHolder(await this.#sources.holder({ inode, uid, effort, acquaintances }), uid);
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
    // A proxy of this executor serves confined commands.
    if (holder.kind === "self")
      return refused("the connection is of the executor itself, on behalf of a confined command");
    if (holder.kind === "confined") {
      return refused(
        isStrict
          ? "the connection is of a confined process, which may not drive the executor"
          : `the connection is of a process in a sandbox or container, which may not drive this executor; ${LET_OTHERS_IN}`,
      );
    }
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
