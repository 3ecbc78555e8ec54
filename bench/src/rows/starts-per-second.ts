import type { Row } from "../row.ts";

const IN_FLIGHT = 16;

/** Throughput of starts with 16 in flight on one connection. */
export const startsPerSecond: Row = {
  id: "starts-per-second",
  title: "starts per second, 16 in flight",
  unit: "/s",
  target: 600,
  better: "higher",
  async measure({ client, smoke }) {
    const total = smoke ? 32 : 480;
    let started = 0;
    const worker = async () => {
      while (started < total) {
        started++;
        await client.runToClose({ argv: ["/usr/bin/true"] });
      }
    };
    const begin = performance.now();
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return total / ((performance.now() - begin) / 1_000);
  },
};
