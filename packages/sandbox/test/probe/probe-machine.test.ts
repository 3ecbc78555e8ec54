import { expect, test } from "vitest";
import { probeMachine } from "../../src/index.ts";
import type { ProbeHost, TrialRun } from "../../src/probe/probe-host.ts";

const HELP = "--perms OCTAL --argv0 VALUE --as-pid-1";
const OK: TrialRun = { exitCode: 0, output: "" };
const NO_PROC = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted";

interface FakeHost extends Partial<Omit<ProbeHost, "run" | "readText">> {
  /** Canonical paths by path of what can be executed. */
  readonly executables?: Readonly<Record<string, string>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly help?: string;
  readonly trial?: (args: readonly string[]) => TrialRun;
}

let count = 0;

async function probe(
  fake: FakeHost,
  more: { cwd?: string; writableFolders?: readonly string[]; ownPlaces?: readonly string[] } = {},
) {
  const executables = fake.executables ?? { "/usr/bin/bwrap": "/usr/bin/bwrap" };
  const host: ProbeHost = {
    platform: "linux",
    arch: "x64",
    ...fake,
    executable: async (path) => (executables[path] === undefined ? undefined : { path: executables[path], mtimeMs: 1 }),
    run: async (_, args) => (args[0] === "--help" ? { ...OK, output: fake.help ?? HELP } : (fake.trial?.(args) ?? OK)),
    readText: async (path) => fake.texts?.[path],
  };
  // A search that was made before is remembered: every probe gets a PATH of its own.
  const env = { PATH: `/fake/${count++}:relative::/opt/bin/:/usr/bin`, HOME: "/home/ann", TMPDIR: "not absolute" };
  return probeMachine({ env, cwd: "/", ...more }, host);
}

async function reasonOf(fake: FakeHost, more = {}): Promise<string> {
  const { means } = await probe(fake, more);
  return means.kind === "unavailable" ? means.reason : "available";
}

test("a bubblewrap that passes its trial can be used", async () => {
  const machine = await probe({});
  expect(machine).toMatchObject({
    means: {
      kind: "linux",
      arch: "x64",
      bubblewrap: { path: "/usr/bin/bwrap", supportsArgv0: true, canMountProc: true },
    },
    home: "/home/ann",
    tmpdir: undefined,
  });
});

test("a bubblewrap without --argv0 can be used", async () => {
  const { means } = await probe({ help: "--perms OCTAL" });
  expect(means).toMatchObject({ bubblewrap: { supportsArgv0: false } });
});

test("where /proc can not be mounted the rest still can", async () => {
  const trial = (args: readonly string[]) => (args.includes("--proc") ? { exitCode: 1, output: NO_PROC } : OK);
  expect((await probe({ trial })).means).toMatchObject({ bubblewrap: { canMountProc: false } });
});

test("one that can keep user namespaces from being made is known by its help and by a trial", async () => {
  const help = `${HELP} --disable-userns`;
  const isRefused = {
    exitCode: 1,
    output: "bwrap: cannot open /proc/sys/user/max_user_namespaces: Read-only file system",
  };
  const failing = (word: string, run: TrialRun) => (args: readonly string[]) => (args.includes(word) ? run : OK);
  const found = async (fake: FakeHost) => (await probe(fake)).means;
  expect(await found({})).toMatchObject({ bubblewrap: { canDisableUserNamespaces: false } });
  expect(await found({ help })).toMatchObject({ bubblewrap: { canDisableUserNamespaces: true, canMountProc: true } });
  expect(await found({ help, trial: failing("--disable-userns", isRefused) })).toMatchObject({
    bubblewrap: { canDisableUserNamespaces: false, canMountProc: true },
  });
  expect(await found({ help, trial: failing("--proc", { exitCode: 1, output: NO_PROC }) })).toMatchObject({
    bubblewrap: { canDisableUserNamespaces: true, canMountProc: false },
  });
});

test("the first one on PATH counts, by its canonical path", async () => {
  const executables = { "/opt/bin/bwrap": "/opt/bwrap-1/bwrap", "/usr/bin/bwrap": "/usr/bin/bwrap" };
  expect((await probe({ executables })).means).toMatchObject({ bubblewrap: { path: "/opt/bwrap-1/bwrap" } });
});

test.each([{ cwd: "/opt/bwrap-1" }, { cwd: "/", writableFolders: ["/opt/"] }])(
  "one that commands may have put there is passed over: %o",
  async (more) => {
    const executables = { "/opt/bin/bwrap": "/opt/bwrap-1/bwrap", "/usr/bin/bwrap": "/usr/bin/bwrap" };
    expect((await probe({ executables }, more)).means).toMatchObject({ bubblewrap: { path: "/usr/bin/bwrap" } });
  },
);

test.each([
  ["ID=debian\nVERSION_ID=12", "sudo apt install bubblewrap"],
  ['ID=rocky\nID_LIKE="rhel centos fedora"', "sudo dnf install bubblewrap"],
  ['ID="opensuse-leap"', "sudo zypper install bubblewrap"],
  ["ID=unheard-of", "install the package bubblewrap with the package manager of this system"],
])("without one the reason ends with how to install it: %s", async (release, command) => {
  const reason = await reasonOf({ executables: {}, texts: { "/etc/os-release": release } });
  expect(reason).toBe(`bubblewrap (bwrap) is not on PATH: ${command}`);
});

test("one that is too old is refused", async () => {
  const texts = { "/etc/os-release": "ID=ubuntu" };
  expect(await reasonOf({ help: "--bind SRC DEST", texts })).toBe(
    "/usr/bin/bwrap is older than bubblewrap 0.5: sudo apt install bubblewrap",
  );
});

const BLOCKED = "bwrap: setting up uid map: Permission denied";

test.each([
  [
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "1\n",
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  ],
  ["/proc/sys/kernel/unprivileged_userns_clone", "0\n", "sudo sysctl -w kernel.unprivileged_userns_clone=1"],
  ["/proc/sys/user/max_user_namespaces", "0\n", "sudo sysctl -w user.max_user_namespaces=15000"],
  [
    "/nothing",
    "",
    "in a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined",
  ],
])("blocked user namespaces are told with what lifts the block: %s", async (file, text, command) => {
  const reason = await reasonOf({ trial: () => ({ exitCode: 1, output: `${BLOCKED}\n` }), texts: { [file]: text } });
  expect(reason).toBe(`user namespaces are blocked here (${BLOCKED}): ${command}`);
});

test("a trial that hangs or fails otherwise is told with the command to see it", async () => {
  expect(await reasonOf({ trial: () => ({ exitCode: undefined, output: "" }) })).toBe(
    "a trial run of /usr/bin/bwrap did not end in time: /usr/bin/bwrap --ro-bind / / true",
  );
  expect(await reasonOf({ trial: () => ({ exitCode: 3, output: "strange" }) })).toBe(
    "a trial run of /usr/bin/bwrap exited with 3 (strange): /usr/bin/bwrap --ro-bind / / true",
  );
});

test.each([
  ["Linux version 4.4.0-19041-Microsoft", true],
  ["Linux version 5.15.90.1-microsoft-standard-WSL2", false],
  ["Linux version 4.4 microsoft wsl1", true],
  ["Linux version 6.1.0 (debian)", false],
])("%s is WSL1: %s", async (version, isWsl1) => {
  const reason = await reasonOf({ texts: { "/proc/version": version } });
  expect(reason.startsWith("bubblewrap is not supported on WSL1")).toBe(isWsl1);
});

test("other machines are named", async () => {
  expect((await probe({ platform: "darwin" })).means).toEqual({ kind: "macos" });
  expect((await probe({ platform: "win32" })).means).toMatchObject({ kind: "unavailable", platform: "windows" });
  expect((await probe({ platform: "freebsd" })).means).toMatchObject({ kind: "unavailable", platform: "other" });
  expect((await probe({ arch: "riscv64" })).means).toMatchObject({ kind: "unavailable", platform: "linux" });
});

test.each([
  ["4.18.0-553.el8_10.x86_64", "too old"],
  ["5.7.19", "too old"],
  ["5.8.0", "available"],
  ["6.18.44-fc-v857", "available"],
  ["11.0", "available"],
])("a kernel of version %s is %s to tell what is mounted where", async (release, verdict) => {
  const reason = await reasonOf({ texts: { "/proc/sys/kernel/osrelease": `${release}\n` } });
  const text = `Linux ${release} does not tell what is mounted where: use a kernel of version 5.8 or newer`;
  expect(reason).toBe(verdict === "available" ? verdict : text);
});

function status(rights: string) {
  return { "/proc/self/status": `Name:\tnode\nCapEff:\t${rights}\nSeccomp:\t0\n` };
}

test.each([
  ["a superuser", "000001ffffffffff", true],
  ["a superuser of a container that may not mount", "00000000a80425fb", false],
  ["a user", "0000000000000000", false],
])("%s can keep its rights to files where it has them, and the wrapper works so", async (_, rights, expected) => {
  const { means } = await probe({ texts: status(rights) });
  expect(means).toMatchObject({ bubblewrap: { canKeepFileRights: expected } });
});

test("rights to files are not kept where the wrapper does not work so", async () => {
  const trial = (args: readonly string[]) => (args.includes("--cap-add") ? { exitCode: 1, output: "no" } : OK);
  const { means } = await probe({ texts: status("000001ffffffffff"), trial });
  expect(means).toMatchObject({ bubblewrap: { canKeepFileRights: false } });
});

test("what a program says of its own places is known of the machine", async () => {
  expect((await probe({}, { ownPlaces: ["/opt/holdfast"] })).ownPlaces).toEqual(["/opt/holdfast"]);
  expect((await probe({})).ownPlaces).toEqual([]);
});
