import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isAlive, until } from "@holdfast/testkit";
import { ownChild } from "../../owned.ts";
import type { LineScenario } from "../line-scenario.ts";
import { environmentOf } from "../served-app-server.ts";
import { startCommands } from "../start-commands.ts";
import { connectBy } from "../transports.ts";

const HOLDER = fileURLToPath(new URL("../holds-a-server.ts", import.meta.url));

export const noChildLeft: LineScenario = {
  id: "no-child-left",
  sentence:
    "closing a client that started its server leaves no process of either, and neither does killing its program",
  async run(ground) {
    await using it = await connectBy("stdio", ground);
    const pids = await startCommands(it.codex, ground.folder, "closed");
    await it.codex.close();
    await until(() => pids.every((pid) => !isAlive(pid)));

    const args = [HOLDER, ground.release.program, ground.folder];
    const holder = ownChild(
      spawn(process.execPath, args, { env: environmentOf(ground.home), stdio: ["ignore", "pipe", "inherit"] }),
    );
    const gone = once(holder, "exit");
    const [line] = (await once(createInterface({ input: holder.stdout }), "line")) as [string];
    const held: readonly number[] = JSON.parse(line);
    assert.ok(held.length >= 4 && held.every((pid) => isAlive(pid)), line);
    holder.kill("SIGKILL");
    await gone;
    await until(() => held.every((pid) => !isAlive(pid)), { deadlineMs: 20_000 });
    assert.ok(!(await readFile(join(ground.folder, "finished"), "utf8").catch(() => "")).includes("x"));
  },
};
