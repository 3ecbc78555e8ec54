import assert from "node:assert/strict";
import { connectAppServer } from "@holdfast/app-server-client";
import type { LineScenario } from "../line-scenario.ts";
import { connectBy } from "../transports.ts";

const CALLS = 20_000;

export const flood: LineScenario = {
  id: "flood",
  sentence: "20,000 calls at once are all answered, by one client and by several that overload the server together",
  async run(ground) {
    for (const transport of ["stdio", "websocket"] as const) {
      await using it = await connectBy(transport, ground);
      const calls = Array.from({ length: CALLS }, () => it.codex.thread.loaded.list({}, { timeoutMs: 120_000 }));
      assert.equal((await Promise.all(calls)).length, CALLS);
      if (it.url === undefined) continue;
      const { url } = it;
      const others = await Promise.all(Array.from({ length: 8 }, () => connectAppServer(url)));
      const each = others.map((codex) =>
        Promise.all(Array.from({ length: CALLS / 8 }, () => codex.thread.loaded.list({}, { timeoutMs: 120_000 }))),
      );
      assert.equal((await Promise.all(each)).flat().length, CALLS);
      await Promise.all(others.map((codex) => codex.close()));
    }
  },
};
