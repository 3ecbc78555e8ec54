import type { Row } from "../row.ts";
import { median } from "../statistics.ts";

/** The shortest useful thing: start a program, hear that it is closed. */
export const oneShot: Row = {
  id: "one-shot",
  title: "start /usr/bin/true, to process/closed, p50",
  unit: "ms",
  target: 3,
  better: "lower",
  async measure({ client, smoke }) {
    const samples: number[] = [];
    for (let index = 0; index < (smoke ? 5 : 60); index++) {
      const begin = performance.now();
      await client.runToClose({ argv: ["/usr/bin/true"] });
      samples.push(performance.now() - begin);
    }
    return median(samples);
  },
};
