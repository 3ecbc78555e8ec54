import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BIN } from "../support/cli.ts";
import { unconfinable } from "../support/confinement.ts";
import { UserManager, unmanageable } from "./user-manager.ts";

const skipped = unmanageable === undefined ? "" : ` (skipped: ${unmanageable})`;

describe.skipIf(unmanageable !== undefined)(`a service under a real systemd${skipped}`, () => {
  let manager: UserManager;

  beforeAll(async () => {
    manager = await UserManager.start();
  }, 30_000);
  afterAll(async () => manager[Symbol.asyncDispose](), 30_000);

  const holdfast = (...words: string[]) => manager.run([process.execPath, BIN, ...words]);
  const unitPath = (name: string) => join(manager.home, ".config/systemd/user", name);
  const status = (name: string) => JSON.parse(holdfast("service", "status", "--name", name, "--json").stdout);
  const urlOf = (name: string): string => status(name).says.replace("serving on ", "");

  async function configured(name: string, text: string): Promise<string> {
    // Everything that means something to systemd or to a shell.
    const folder = join(manager.home, `${name} 100%h $HOME "it's" \\x41`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "holdfast.toml"), text);
    return join(folder, "holdfast.toml");
  }

  test("is ready when it serves, runs commands that it confines, reloads, and goes with all that it started", async () => {
    const config = await configured("whole", "listen = 'ws://127.0.0.1:0'\nlog.level = 'info'\n");
    const installed = holdfast("service", "install", "--name", "whole", "--config", config);
    expect(installed).toMatchObject({ status: 0, stderr: "" });
    expect(status("whole")).toMatchObject({ installed: true, state: "active", detail: "running", restarts: 0 });
    const url = urlOf("whole");
    const exec = (...words: string[]) => holdfast("exec", "--url", url, ...words);
    expect(exec("--", "sh", "-c", "echo $PATH").stdout.trim()).toContain("/usr/bin");
    expect(exec("--", "sh", "-c", "env | grep -c -e NOTIFY -e WATCHDOG -e LISTEN").stdout).toBe("0\n");
    expect(exec("--tty", "--", "tty").stdout).toMatch(/^\/dev\/pts\/\d+/);
    if (unconfinable === undefined) {
      const confined = exec("--cwd", manager.home, "--sandbox", "read-only", "--", "sh", "-c", "echo in; ! echo >f");
      expect([confined.status, confined.stdout]).toEqual([0, "in\n"]);
    }
    await writeFile(config, "listen = 'ws://127.0.0.1:0'\nlog.level = 'debug'\n");
    expect(manager.run(["systemctl", "--user", "reload", "whole.service"])).toMatchObject({ status: 0 });
    expect(status("whole")).toMatchObject({ state: "active", restarts: 0 });
    const left = Number(exec("--", "sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!").stdout);
    expect(holdfast("service", "uninstall", "--name", "whole")).toMatchObject({ status: 0 });
    expect(manager.run(["kill", "-0", String(left)]).status).not.toBe(0);
    await expect(readFile(unitPath("whole.service"))).rejects.toThrow("ENOENT");
    expect(status("whole")).toMatchObject({ installed: false, state: "inactive" });
  }, 60_000);

  test("is started again when it is killed", async () => {
    expect(holdfast("service", "install", "--name", "killed", "--", "--listen", "ws://127.0.0.1:0").status).toBe(0);
    manager.run(["systemctl", "--user", "kill", "--signal=KILL", "killed.service"]);
    await until(() => status("killed").restarts === 1 && status("killed").state === "active", { deadlineMs: 30_000 });
    expect(holdfast("exec", "--url", urlOf("killed"), "--", "true").status).toBe(0);
    holdfast("service", "uninstall", "--name", "killed");
  }, 60_000);

  const startsWithTheFirst = (socket: string, url: string) => {
    expect(holdfast("service", "install", "--name", "activated", "--socket", socket).stderr).toBe("");
    try {
      expect(status("activated")).toMatchObject({ state: "inactive", pid: null });
      expect(holdfast("service", "status", "--name", "activated").status).toBe(0);
      const ran = holdfast(
        "exec",
        "--url",
        socket,
        "--",
        "sh",
        "-c",
        "echo ran; env | grep -c LISTEN; ls /proc/self/fd | wc -l",
      );
      expect([ran.stderr, ran.stdout]).toEqual(["", "ran\n0\n4\n"]);
      expect(status("activated")).toMatchObject({ state: "active", says: `serving on ${url}` });
      // The manager keeps the socket: nobody is refused while the service starts anew.
      const { pid } = status("activated");
      manager.run(["systemctl", "--user", "kill", "--signal=KILL", "activated.service"]);
      expect(holdfast("exec", "--url", socket, "--", "echo", "again").stdout).toBe("again\n");
      expect(status("activated").pid).not.toBe(pid);
    } finally {
      expect(holdfast("service", "uninstall", "--name", "activated").stdout).toBe(
        "activated.socket and activated.service removed\n",
      );
    }
  };
  const startsName = "at a socket on %s starts with the first connection, and what that has to say is not lost";
  test.each([["unix://", "unix:///run/user/0/holdfast/executor.sock"]])(
    startsName,
    { timeout: 60_000 },
    startsWithTheFirst,
  );
  test.each([["ws://127.0.0.1:7393", "ws://127.0.0.1:7393"]])(
    startsName,
    { timeout: 60_000, tags: "long" },
    startsWithTheFirst,
  );

  test("at a socket that other machines reach is refused as serve refuses it", () => {
    const { status, stderr } = holdfast("service", "install", "--name", "open", "--socket", "ws://0.0.0.0:7394");
    expect([status, stderr]).toEqual([2, expect.stringContaining("0.0.0.0 can be reached from other machines")]);
  });

  const isReplaced = async (_: string, words: readonly string[]) => {
    const url = "ws://127.0.0.1:7395";
    expect(holdfast("service", "install", "--name", "replaced", ...words)).toMatchObject({ status: 0, stderr: "" });
    try {
      const note = join(manager.home, "pid");
      const script = `echo $$ >${note}; exec sleep 600`;
      expect(holdfast("exec", "--detach", "--url", url, "--", "sh", "-c", script).status).toBe(0);
      const pid = await until(() =>
        readFile(note, "utf8").then(
          (text) => text.trim(),
          () => "",
        ),
      );
      const before = status("replaced");
      expect(holdfast("serve", "--replace", "--listen", url)).toMatchObject({ status: 0, stderr: "" });
      expect(status("replaced")).toMatchObject({
        state: "active",
        pid: before.pid,
        restarts: 0,
        says: `serving on ${url}`,
      });
      expect(manager.run(["kill", "-0", pid]).status).toBe(0);
      expect(holdfast("exec", "--url", url, "--", "echo", "on").stdout).toBe("on\n");
      await rm(note);
    } finally {
      holdfast("service", "uninstall", "--name", "replaced");
    }
  };
  const replacedName = "that listens %s is replaced by a newer program, and its commands run on";
  const [byItself, atSocket] = [
    ["by itself", ["--", "--listen", "ws://127.0.0.1:7395"]],
    ["at a socket", ["--socket", "ws://127.0.0.1:7395"]],
  ] as const;
  test.each([byItself])(replacedName, { timeout: 60_000 }, isReplaced);
  test.each([atSocket])(replacedName, { timeout: 60_000, tags: "long" }, isReplaced);

  test("that serve would refuse is not installed at all, and the reason is that of serve", async () => {
    const config = await configured("wrong", "lissten = 'stdio'\n");
    const { status, stderr } = holdfast("service", "install", "--name", "wrong", "--config", config);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^holdfast service: serve would not start: .*holdfast\.toml:1: unknown key 'lissten'[^\n]*\n$/,
    );
    await expect(readFile(unitPath("wrong.service"))).rejects.toThrow("ENOENT");
  });

  test("of somebody else's is neither replaced nor removed", async () => {
    const theirs = "[Service]\nExecStart=/bin/true\n";
    await writeFile(unitPath("theirs.service"), theirs);
    for (const action of ["install", "uninstall"]) {
      const { status, stderr } = holdfast("service", action, "--name", "theirs");
      expect([status, stderr]).toEqual([1, expect.stringContaining("was not made by holdfast service")]);
    }
    expect(await readFile(unitPath("theirs.service"), "utf8")).toBe(theirs);
  });

  test("that is installed again gets its new options", async () => {
    holdfast("service", "install", "--name", "again", "--", "--listen", "ws://127.0.0.1:0", "--session-ttl", "5");
    const { pid } = status("again");
    const config = await configured("again", "listen = 'ws://127.0.0.1:0'\n");
    await chmod(config, 0o644);
    expect(holdfast("service", "install", "--name", "again", "--config", config).status).toBe(0);
    expect(status("again").pid).not.toBe(pid);
    expect(await readFile(unitPath("again.service"), "utf8")).toContain("holdfast.toml");
    holdfast("service", "uninstall", "--name", "again");
  }, 30_000);

  test("that is not there can't be removed, and its state is that it is not installed", () => {
    expect(holdfast("service", "uninstall", "--name", "nowhere").status).toBe(1);
    const { status: code, stdout } = holdfast("service", "status", "--name", "nowhere");
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^installed +no$/m)]);
  });

  test("has the logs that the journal has of it, as it prints them", async () => {
    // There is no journal in these namespaces: what it is asked for is what can be seen.
    const tools = join(manager.home, "tools");
    await mkdir(tools);
    await writeFile(join(tools, "journalctl"), '#!/bin/sh\nprintf "%s\\n" "$@"; exit $JOURNAL_CODE\n', { mode: 0o755 });
    const env = { PATH: `${tools}:${process.env.PATH}`, JOURNAL_CODE: "0" };
    const words = [process.execPath, BIN, "service", "logs", "--name", "any", "-n", "5", "-f"];
    const { status, stdout } = manager.run(words, env);
    expect([status, stdout.split("\n").slice(0, -1)]).toEqual([
      0,
      ["--no-pager", "--output=cat", "--user-unit=any.service", "--lines=5", "--follow"],
    ]);
    expect(manager.run(words, { ...env, JOURNAL_CODE: "3" }).status).toBe(1);
  });
});
