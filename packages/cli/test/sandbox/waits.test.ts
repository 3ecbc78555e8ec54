import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Cli, holdfast } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

const PLACE = "/dev/shm";

/** Folders that executors of this user lock while they take note of what they mount over. */
function registries(): readonly string[] {
  const prefix = `holdfast-targets-${process.geteuid?.()}-`;
  return readdirSync(PLACE).flatMap((name) => (name.startsWith(prefix) ? [join(PLACE, name)] : []));
}

test.runIf(unconfinable === undefined)(
  `a command's end is told also when another executor keeps this one waiting${skipped}`,
  async () => {
    await using folder = await ungrantedDir();
    const [go, locked] = [folder.join("go"), folder.join("locked")];
    const script = `echo $$; while [ ! -e ${go} ]; do sleep 0.05; done; exit 7`;
    await using cli = new Cli(["sandbox", "--", "sh", "-c", script], { cwd: folder.path });
    await until(() => cli.stdout.length > 0);
    const paths = registries();
    expect(paths.length).toBeGreaterThan(0);
    const locks = [...paths.flatMap((path) => ["flock", path]), "sh", "-c", `: >${locked}; cat`];
    const [program = "", ...args] = locks;
    const keeper = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"] });
    const released = once(keeper, "close");
    try {
      await until(() => existsSync(locked));
      await writeFile(go, "");
      // Its own id is not seen from here. Whoever starts and ends meanwhile gives it the time to come to the lock.
      await holdfast(["exec", "--stdin", "none", "--", "true"]);
    } finally {
      keeper.stdin?.end();
      await released;
    }
    expect((await cli.result()).code).toBe(7);
  },
);
