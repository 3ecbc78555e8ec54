import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../row.ts";

const STARTS = 500;
/** A peer that has not finished one more by then has stopped. */
const SILENCE_MS = 3_000;
const DEADLINE_MS = 15_000;

/** 500 starts sent at once on a connection of their own: how many come to their end. */
export const pipelinedStarts: Row = {
  id: "pipelined-starts",
  title: "500 starts pipelined on one connection: finished",
  unit: "done",
  target: STARTS,
  better: "higher",
  async measure({ client, smoke, note }) {
    const total = smoke ? 50 : STARTS;
    let finished = 0;
    let heardAt = performance.now();
    const begin = heardAt;
    for (let index = 0; index < total; index++) {
      const count = () => {
        finished++;
        heardAt = performance.now();
      };
      client.runToClose({ argv: ["/usr/bin/true"] }).then(count, () => {});
    }
    while (finished < total && performance.now() - heardAt < SILENCE_MS && performance.now() - begin < DEADLINE_MS) {
      await sleep(10);
    }
    if (finished === total) note(`in ${Math.round(heardAt - begin)} ms`);
    // A smoke run asks for fewer; all of them is all of them.
    return smoke && finished === total ? STARTS : finished;
  },
};
