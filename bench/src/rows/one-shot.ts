import type { Row } from "../row.ts";
import { spawnToClose, timeEach } from "../time-each.ts";
import { DelayLine } from "../wan.ts";

const TRUE = { argv: ["/usr/bin/true"] };
const ONE_WAY_MS = 40;

/** The shortest useful thing: start a program, hear that it is closed. */
export const oneShot: Row = {
  id: "one-shot",
  title: "start `/usr/bin/true`, to `process/closed`, p50",
  unit: "ms",
  target: 3,
  better: "lower",
  limit: {
    what: "spawn in Node",
    measure: ({ smoke }) => timeEach(smoke ? 3 : 60, () => spawnToClose("/usr/bin/true", [])),
  },
  measure: ({ client, smoke }) => timeEach(smoke ? 5 : 60, () => client.runToClose(TRUE)),
};

/** The same where the line takes 40 ms each way: every round trip too many shows. */
export const oneShotFarAway: Row = {
  id: "one-shot-far-away",
  title: "the same over an 80 ms round trip, p50",
  unit: "ms",
  target: 84,
  better: "lower",
  limit: { what: "the round trip", measure: async () => 2 * ONE_WAY_MS },
  async measure({ target, connect, smoke, note }) {
    await using line = await DelayLine.to(target.url, ONE_WAY_MS);
    const client = await connect(line.url);
    const probe = () => client.call("fs/getMetadata", { path: "file:///" });
    note(`bare call ${(await timeEach(smoke ? 2 : 5, probe)).toFixed(1)} ms`);
    return await timeEach(smoke ? 2 : 15, () => client.runToClose(TRUE));
  },
};
