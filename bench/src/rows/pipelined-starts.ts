import type { Row } from "../row.ts";
import { WireClient } from "../wire-client.ts";

const STARTS = 500;
/** A peer that has not finished by then has stopped. */
const DEADLINE_MS = 15_000;

/** 500 starts sent at once on a connection of their own: how many come to their end. */
export const pipelinedStarts: Row = {
  id: "pipelined-starts",
  title: "500 starts pipelined on one connection: finished",
  unit: "done",
  target: STARTS,
  better: "higher",
  async measure({ url, smoke }) {
    await using client = await WireClient.connect(url);
    let finished = 0;
    const runs = Array.from({ length: smoke ? 50 : STARTS }, () =>
      client.runToClose({ argv: ["/usr/bin/true"] }).then(
        () => finished++,
        () => {},
      ),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, DEADLINE_MS);
    await Promise.race([Promise.all(runs), promise]);
    clearTimeout(deadline);
    return finished;
  },
};
