import type { Handler } from "./fake-exec-server.ts";

const UNKNOWN_IDS = [1_000_000, -1, "never-asked", 0];

/** Answers calls that nobody made, with results and with errors, before it does what it should. */
export function answersUnknownIds(proper: Handler): Handler {
  return (params, server) => {
    for (const id of UNKNOWN_IDS) {
      server.send({ id, result: {} });
      // An error with the id -1 is about a message that could not be read.
      if (id !== -1) server.send({ id, error: { code: -32603, message: "never asked" } });
    }
    return proper(params, server);
  };
}
