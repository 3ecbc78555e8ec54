import { leakGuard, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { EnvironmentRegistry, ThreadEnvironments } from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";
import { localExecutor } from "../support/local-executor.ts";
import { silentPort } from "../support/silent-port.ts";

/** Registrations of each id. */
const ROUNDS = 40;

test("a registry that is closed leaves nothing, whatever was going on", async () => {
  await using far = await farExecutor();
  await using silent = await silentPort();
  await using folder = await tempDir("left-");
  const pids = folder.join("pids");
  await using local = localExecutor();
  // What an executor in this process keeps for its whole life is not what is looked for.
  await using warm = new EnvironmentRegistry({ environments: [{ id: "far", url: far.url }] });
  await (await warm.require("far").executor()).run(["true"]);
  await warm.close();
  await using guard = leakGuard();
  const registry = new EnvironmentRegistry({ environments: [local.definition], defaultId: "local" });
  const thread = new ThreadEnvironments(registry);
  const outcomes: Promise<string>[] = [];
  const follow = (work: Promise<unknown>): void => {
    outcomes.push(
      work.then(
        () => "came to an end",
        () => "was given up",
      ),
    );
  };
  const program = { program: "/bin/sh", args: ["-c", `echo $$ >> ${pids}; exec cat`] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const used = registry.register({ id: "used", url: far.url });
    const pending = registry.register({ id: "pending", url: silent.url });
    const started = registry.register({ id: "started", ...program });
    const told = registry.registerPending(`told-${round}`);
    for (const handle of [pending, started, told.handle]) follow(handle.executor());
    const executor = await used.executor();
    // It is ended, which may be told yet.
    const sleeping = executor.run(["sleep", "300"]).then(({ exitCode }) => Promise.reject(new Error(`${exitCode}`)));
    follow(sleeping);
    thread.select(registry.list().map(({ id }) => ({ environmentId: id, cwd: "/" })));
    // Half of the steps are never ended, as by a program that lost track of them.
    const step = await thread.capture();
    if (round % 2 === 0) step[Symbol.dispose]();
  }
  await until(() => silent.connections() === ROUNDS);
  await registry.close();
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["was given up"]));
  await until(() => far.line.openCount === 0);
  await guard.check();
});
