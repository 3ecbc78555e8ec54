import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { isAlive, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";
import { childrenOf, listedProcesses } from "../support/processes.ts";

const PROXY = `'${process.execPath}' '${BIN}' proxy`;

/** A home of its own, whose executors end with it. */
async function home(): Promise<TempDir> {
  const folder = await tempDir();
  return {
    ...folder,
    [Symbol.asyncDispose]: async () => {
      const executors = listedProcesses().filter(({ command }) =>
        command.includes(` serve --listen unix://${folder.path}/`),
      );
      for (const { pid } of executors) process.kill(pid, "SIGTERM");
      await until(() => !executors.some(({ pid }) => isAlive(pid)));
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A command that goes on while the way to it is cut three times. */
async function survives(program: string, env: Readonly<Record<string, string>>): Promise<void> {
  const script = "for n in 1 2 3 4; do read -r line; echo got $line; done";
  await using cli = new Cli(["exec", "--program", program, "--", "sh", "-c", script], { env, stdin: "open-pipe" });
  for (let round = 1; round <= 4; round += 1) {
    cli.child.stdin?.write(`${round}\n`);
    await until(() => cli.stdout.toString().endsWith(`got ${round}\n`), { deadlineMs: 30_000 });
    if (round === 4) break;
    const way = await until(() => childrenOf(cli.child.pid ?? 0)[0]);
    process.kill(-way, "SIGKILL");
    await until(() => !isAlive(way));
  }
  expect(await cli.result()).toMatchObject({ code: 0, stderr: "" });
}

test("a proxy of this machine leads to an executor that stays, and two of them to the same", {
  timeout: 60_000,
}, async () => {
  await using place = await home();
  const env = { XDG_STATE_HOME: place.path };
  const pidOf = async (): Promise<string> => {
    const script = 'tr "\\0" "\\n" </proc/$PPID/cmdline | grep -c idle-timeout; echo $PPID';
    const { stdout } = await holdfast(["exec", "--program", PROXY, "--", "sh", "-c", script], { env });
    return stdout.toString();
  };
  const [one, other] = await Promise.all([pidOf(), pidOf()]);
  expect(one).toMatch(/^1\n\d+\n$/);
  expect(other).toBe(one);
  await survives(PROXY, env);
});

test("an executor that has no session ends after its time, and one with a running command does not", {
  timeout: 60_000,
}, async () => {
  await using place = await home();
  const env = { XDG_STATE_HOME: place.path };
  const program = `${PROXY} --idle-timeout 1 --session-ttl 2`;
  const executors = (): number =>
    listedProcesses().filter(({ command }) => command.includes(` serve --listen unix://${place.path}/`)).length;
  await using cli = new Cli(["exec", "--program", program, "--", "cat"], { env, stdin: "open-pipe" });
  cli.child.stdin?.write("there\n");
  await until(() => cli.stdout.toString() === "there\n", { deadlineMs: 20_000 });
  const [begin, looks] = [performance.now(), [] as number[]];
  await until(() => {
    looks.push(executors());
    return performance.now() - begin > 3_000;
  });
  expect(new Set(looks)).toEqual(new Set([1]));
  cli.child.stdin?.end();
  expect(await cli.result()).toMatchObject({ code: 0 });
  await until(() => executors() === 0, { deadlineMs: 20_000 });
});

describe("another place on this machine", () => {
  test.runIf(unconfinable === undefined)(`a bubblewrap box${skipped}`, { timeout: 90_000 }, async () => {
    await using place = await home();
    const box = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", place.path, place.path];
    const program = `${box.join(" ")} --setenv XDG_STATE_HOME ${place.path} --setenv HOME ${place.path} ${PROXY}`;
    const script = 'touch /usr/in-a-box 2>/dev/null || echo "only its home"; touch "$HOME/written"; pwd';
    const { code, stdout } = await holdfast(["exec", "--program", program, "--", "sh", "-c", script]);
    expect([code, stdout.toString()]).toEqual([0, `only its home\n${place.path}\n`]);
    await survives(program, {});
  });

  const makesNetworks = process.getuid?.() === 0 && spawnSync("ip", ["netns"], { stdio: "ignore" }).status === 0;
  test.runIf(makesNetworks)(
    `a network namespace${makesNetworks ? "" : " (skipped: it takes root and ip)"}`,
    { timeout: 90_000 },
    async () => {
      await using place = await home();
      const name = `holdfast-${randomBytes(4).toString("hex")}`;
      expect(spawnSync("ip", ["netns", "add", name]).status).toBe(0);
      try {
        mkdirSync(place.join("home"));
        const env = { XDG_STATE_HOME: place.path, HOME: place.join("home") };
        const program = `ip netns exec ${name} ${PROXY}`;
        const { code, stdout } = await holdfast(["exec", "--program", program, "--", "cat", "/proc/net/dev"], { env });
        const devices = stdout
          .toString()
          .split("\n")
          .slice(2)
          .flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []);
        expect([code, devices]).toEqual([0, ["lo"]]);
        await survives(program, env);
      } finally {
        spawnSync("ip", ["netns", "delete", name]);
      }
    },
  );
});

test("a greeting before the first message is passed over", async () => {
  await using place = await home();
  const program = `sh -c 'echo Welcome; echo; exec "$@"' sh ${PROXY}`;
  const { code, stdout } = await holdfast(["exec", "--program", program, "--", "echo", "hi"], {
    env: { XDG_STATE_HOME: place.path },
  });
  expect([code, stdout.toString()]).toEqual([0, "hi\n"]);
});

test("a client of another line of releases is refused before anything is started", async () => {
  await using place = await home();
  const { code, stderr } = await holdfast(["proxy", "--for", "7.0.0"], { env: { XDG_STATE_HOME: place.path } });
  expect(code).toBe(78);
  expect(stderr).toMatch(/^holdfast proxy: this is release \S+, which a client of release 7\.0\.0 does not go with\n$/);
});
