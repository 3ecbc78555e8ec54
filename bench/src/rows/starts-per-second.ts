import { spawn } from "node:child_process";
import { once } from "node:events";
import { perSecond } from "../in-flight.ts";
import type { Row } from "../row.ts";

const IN_FLIGHT = 16;

/** Throughput of starts with 16 in flight on one connection. */
export const startsPerSecond: Row = {
  id: "starts-per-second",
  title: "starts per second, 16 in flight",
  unit: "/s",
  target: 600,
  better: "higher",
  limit: {
    what: "spawn in Node",
    measure: ({ smoke }) =>
      perSecond(smoke ? 32 : 480, IN_FLIGHT, () => once(spawn("/usr/bin/true", { stdio: "pipe" }), "close")),
  },
  measure: ({ client, smoke }) =>
    perSecond(smoke ? 32 : 480, IN_FLIGHT, () => client.runToClose({ argv: ["/usr/bin/true"] })),
};
