import assert from "node:assert/strict";
import type { ClientScenario } from "../scenario.ts";
import { makePlan, SHORT_SOAK } from "../soak/plan.ts";
import { soak } from "../soak/soak.ts";

export const CLIENT_SOAK: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.soak",
    sentence: `no byte of ${SHORT_SOAK.processes} processes is lost in silence while their lines are cut ${SHORT_SOAK.cuts} times`,
    requirements: ["session.resume", "output.notices", "exit.close-last", "write.order", "read.window"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      const result = await soak(served, context.folder, makePlan({ ...SHORT_SOAK, seed: 1 }));
      assert.deepEqual(result.failures, []);
      assert.equal(result.ok + result.gapTold, SHORT_SOAK.processes);
    },
  },
];
