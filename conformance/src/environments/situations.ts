import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { type BadLine, until } from "@holdfast/testkit";
import type { Keeper } from "./dialled.ts";

/** What happens to an environment, and what is counted then. */
export interface Situation {
  readonly sentence: string;
  /** @returns what was seen, in words that two keepers can be compared by. */
  run(keeper: Keeper, line: BadLine): Promise<string>;
  /** What a release does otherwise, by its number, with the reason why we do not. */
  readonly otherwise?: Readonly<Record<string, Otherwise>>;
}

interface Otherwise {
  readonly seen: RegExp;
  readonly reason: string;
}

const LATER = "a start that failed is final until the id is registered anew; `retryFailedStart` does as it does";

const MEETS_THE_END: Otherwise = {
  seen: /transport (?:disconnected|closed)/,
  reason: "a call that a release makes before it notices the end of the connection fails; ours is sent again",
};
const WAITS: Otherwise = {
  seen: /timed out connecting/,
  reason: "who waits for what nobody will have any more is told at once",
};

export const SITUATIONS: readonly Situation[] = [
  {
    sentence: "an id that is added is dialled in the background, once, also when three ask for it",
    async run(keeper, line) {
      await keeper.add("far", line.url);
      await until(() => line.connectionCount === 1);
      const told = await Promise.all([1, 2, 3].map(() => keeper.info("far")));
      return `${told.join()} by ${line.connectionCount} dials`;
    },
  },
  {
    sentence: "a connection that is cut is had back by one dial, when four ask",
    async run(keeper, line) {
      await keeper.add("far", line.url);
      await keeper.info("far");
      line.cut();
      await until(() => line.openCount === 0 || line.connectionCount > 1);
      const told = await Promise.all([1, 2, 3, 4].map(() => keeper.info("far")));
      return `${told.join()} by ${line.connectionCount} dials`;
    },
    otherwise: { "0.144.6": MEETS_THE_END, "0.169.0": MEETS_THE_END, "0.171.0": MEETS_THE_END },
  },
  {
    sentence: "one that can not be reached is dialled once, however many ask",
    async run(keeper, line) {
      line.refuse();
      await keeper.add("far", line.url);
      await until(() => line.refusedCount === 1);
      const told = await Promise.all([1, 2, 3].map(() => keeper.info("far")));
      line.admit();
      const later = await keeper.info("far");
      return `${told.map(isStored).join()}, then ${isStored(later)}; ${line.refusedCount} and ${line.connectionCount} dials`;
    },
    otherwise: {
      "0.169.0": { seen: /then there/, reason: LATER },
      "0.171.0": { seen: /then there/, reason: LATER },
    },
  },
  {
    sentence: "one that is registered anew fails who waits for the old one",
    async run(keeper, line) {
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const address = silent.address();
      const dialled = once(silent, "connection") as Promise<[Socket]>;
      await keeper.add("far", `ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
      const waiting = keeper.info("far");
      const [socket] = await dialled;
      await keeper.add("far", line.url);
      const told = await waiting;
      socket.destroy();
      silent.close();
      const isTold = told.includes("environment `far` was replaced");
      return `${isTold ? "told" : told}; then ${await keeper.info("far")} by ${line.connectionCount} dials`;
    },
    otherwise: { "0.144.6": WAITS, "0.169.0": WAITS, "0.171.0": WAITS },
  },
];

function isStored(text: string): string {
  return text.includes("exec-server connection attempt failed: failed to connect to exec-server websocket")
    ? "stored"
    : text;
}
