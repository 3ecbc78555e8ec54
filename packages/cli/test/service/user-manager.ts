import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { until } from "@holdfast/testkit";
import { testEnvironment } from "../support/cli.ts";

const SYSTEMD = "/usr/lib/systemd/systemd";
/** Of control groups, version 1 with the manager's own hierarchy. */
const HIERARCHIES = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"].filter((path) => existsSync(path));

/** Why no service manager of one's own can be run here; undefined where one can. */
export const unmanageable =
  process.getuid?.() !== 0
    ? "namespaces for a service manager of its own need root"
    : !existsSync(SYSTEMD)
      ? "there is no systemd"
      : existsSync("/run/systemd/system") || !HIERARCHIES.some((path) => path.endsWith("/systemd"))
        ? "the control groups here are another manager's"
        : undefined;

/** In a group of its own, then in namespaces of its own, with a `/run` that says that systemd is there. */
const BEGIN = `
for GROUP in $GROUPS; do mkdir "$GROUP" && echo $$ >"$GROUP/cgroup.procs" || exit; done
exec unshare --mount --pid --fork --kill-child --mount-proc sh -c '
  mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/user/0 && chmod 700 /run/user/0 || exit
  "$SYSTEMD" --user --log-target=console </dev/null &
  echo started; wait'
`;

/** A real service manager of a user, with nothing but what a test gives it. */
export class UserManager implements AsyncDisposable {
  readonly home: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #groups: readonly string[];
  readonly #child: ChildProcess;
  #first = 0;

  private constructor(home: string) {
    this.home = home;
    this.#groups = HIERARCHIES.map((path) => join(path, basename(home)));
    const { DBUS_SESSION_BUS_ADDRESS: _bus, XDG_CONFIG_HOME: _config, ...rest } = testEnvironment();
    this.#env = { ...rest, HOME: home, XDG_RUNTIME_DIR: "/run/user/0", GROUPS: this.#groups.join(" "), SYSTEMD };
    this.#child = spawn("sh", ["-c", BEGIN], { env: this.#env, stdio: ["ignore", "pipe", "ignore"] });
  }

  static async start(): Promise<UserManager> {
    const manager = new UserManager(await mkdtemp(join(tmpdir(), "holdfast-manager-")));
    await mkdir(join(manager.home, ".config/systemd/user"), { recursive: true });
    if (manager.#child.stdout !== null) await once(manager.#child.stdout, "data");
    const pid = manager.#child.pid ?? 0;
    manager.#first = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
    await until(() => manager.run(["systemctl", "--user", "is-system-running"]).stdout === "running\n", {
      deadlineMs: 20_000,
    });
    return manager;
  }

  /** Run a command where the manager is. */
  run(words: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const inside = ["--target", String(this.#first), "--mount", "--pid", "--wdns=/", "--", ...words];
    return spawnSync("nsenter", inside, { env: { ...this.#env, ...env }, encoding: "utf8" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.run(["systemctl", "--user", "exit"]);
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
    await rm(this.home, { recursive: true, force: true });
    for (const group of this.#groups) await removeGroup(group);
  }
}

/** With those below it, when nothing runs in them any more. */
async function removeGroup(path: string): Promise<void> {
  const all = spawnSync("find", [path, "-depth", "-type", "d"], { encoding: "utf8" }).stdout;
  for (const group of all.split("\n").filter(Boolean)) {
    await until(() =>
      rmdir(group).then(
        () => true,
        () => false,
      ),
    );
  }
}
