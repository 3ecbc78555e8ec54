import { SandboxError } from "@holdfast/sandbox";
import type { ConfinedNetwork } from "../confinement/index.ts";
import { Admission, type AdmissionOptions, canTellPeersApart } from "./admission.ts";
import { judgeByPlace } from "./judge-by-place.ts";
import { NetworkedCommands } from "./networked-commands.ts";

/**
 * The ways into an executor that ask for no token, seen together with the confined commands that could take one: where this system
 * does not tell those from others, the executor has the one or the other.
 */
export class Door implements ConfinedNetwork {
  readonly #commands: NetworkedCommands;
  #state: "shut" | "watched" | "unwatched" = "shut";

  constructor(delay: ConstructorParameters<typeof NetworkedCommands>[0]) {
    this.#commands = new NetworkedCommands(delay);
  }

  /** @throws Error where this system can't identify the user of a connection and only one is to be admitted; the message says what helps. */
  open(options: AdmissionOptions): Pick<Admission, "judge"> {
    const { transport = "tcp", asksForSecret = false, otherLocalUsers } = options;
    if (canTellPeersApart(transport)) {
      if (this.#state !== "unwatched") this.#state = "watched";
      return new Admission(options, this.#commands);
    }
    // Of a unix socket the system lets nobody else in anyway.
    if (transport === "tcp" && !asksForSecret && !otherLocalUsers) {
      throw new Error(
        "this system does not tell which user a local connection is of, and every user who connects can run anything as you",
      );
    }
    if (!asksForSecret) this.#state = "unwatched";
    return { judge: async (connection) => judgeByPlace(connection, options) };
  }

  begin(): () => void {
    if (this.#state === "unwatched") {
      throw new SandboxError(
        "unenforceable",
        "a command with a network could drive this executor unconfined, because it serves without a token and the " +
          "system does not tell whose a connection is; have it serve on stdio (holdfast serve --listen stdio), or restrict the network",
      );
    }
    return this.#commands.begin();
  }
}
