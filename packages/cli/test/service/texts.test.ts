import { execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { launchdPlist } from "../../src/service/launchd-plist.ts";
import { type InstallWords, servicePlan } from "../../src/service/service-plan.ts";
import { execLine, unitWord } from "../../src/service/systemd-text.ts";
import { systemdUnits } from "../../src/service/systemd-unit.ts";
import { holdfast, lines } from "../support/cli.ts";

const NOTHING: InstallWords = {
  config: undefined,
  socket: undefined,
  isSystem: false,
  user: undefined,
  serveOptions: [],
};
const PLACE = {
  cwd: "/home/me",
  path: "/usr/local/bin::bin:/usr/bin:/usr/local/bin",
  program: ["/opt/node & co/bin/node", "/opt/100%/$HOME/holdfast.mjs"],
  canNotify: true,
} as const;

function plan(words: Partial<InstallWords> = {}, name = "holdfast") {
  return servicePlan(name, { ...NOTHING, ...words }, PLACE);
}

const USER_UNIT = `# Made by \`holdfast service install\`, which replaces it. Changes of your own belong into a drop-in: systemctl --user edit holdfast.service
[Unit]
Description=Holdfast executor: runs commands for its clients

[Service]
# Ready when it listens; a reload reads secrets, certificates and the log's level anew.
Type=notify
NotifyAccess=main
WatchdogSec=60
ExecStart=:"/opt/node & co/bin/node" "/opt/100%%/$HOME/holdfast.mjs" "serve" "--config" "/home/me/my \\"conf\\".toml"
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
WorkingDirectory=~
Environment="PATH=/usr/local/bin:/usr/bin"

# The executor ends its commands itself. What is left after that is killed.
KillMode=mixed
TimeoutStopSec=30
# A command that the kernel ends for want of memory is its own affair.
OOMPolicy=continue

# As far as an executor that confines commands can be restricted: it needs new namespaces, mounts and a /proc of its own.
NoNewPrivileges=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallFilter=~@clock @module @raw-io @reboot @swap
SystemCallErrorNumber=EPERM

[Install]
WantedBy=default.target
`;

const PLIST = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>holdfast</string>
	<key>ProgramArguments</key>
	<array>
		<string>/opt/node &amp; co/bin/node</string>
		<string>/opt/100%/$HOME/holdfast.mjs</string>
		<string>serve</string>
		<string>--listen</string>
		<string>unix://</string>
		<string>--log-level</string>
		<string>info</string>
	</array>
	<key>EnvironmentVariables</key>
	<dict>
		<key>PATH</key>
		<string>/usr/local/bin:/usr/bin</string>
	</dict>
	<key>WorkingDirectory</key>
	<string>/Users/me</string>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ExitTimeOut</key>
	<integer>30</integer>
	<key>StandardOutPath</key>
	<string>/Users/me/Library/Logs/holdfast.log</string>
	<key>StandardErrorPath</key>
	<string>/Users/me/Library/Logs/holdfast.log</string>
</dict>
</plist>
`;

describe("the unit", () => {
  test("of a user's service is this", () => {
    expect(systemdUnits(plan({ config: 'my "conf".toml' }))).toEqual([{ name: "holdfast.service", text: USER_UNIT }]);
  });

  test("of a service of the machine names its user, waits for the network and holds no capability", () => {
    const [{ text = "" } = {}] = systemdUnits(plan({ isSystem: true, user: "builder" }));
    for (const line of [
      "User=builder",
      "After=network-online.target",
      "WantedBy=multi-user.target",
      "CapabilityBoundingSet=",
    ]) {
      expect(lines(text)).toContain(line);
    }
    expect(text).not.toContain("PATH=");
    const [{ text: ofRoot = "" } = {}] = systemdUnits(plan({ isSystem: true, user: "root" }));
    expect(ofRoot).not.toContain("CapabilityBoundingSet");
  });

  test.each([
    ["unix:///run/my%20socket 50%25/x.sock", "ListenStream=/run/my socket 50%%/x.sock"],
    ["unix://", "ListenStream=%t/holdfast/executor.sock"],
    ["ws://127.0.0.1:7070", "ListenStream=127.0.0.1:7070"],
    ["ws://[::1]:7070/", "ListenStream=[::1]:7070"],
  ])("of a socket on %s listens there, and has the service serve what it is passed", (socket, line) => {
    const [service, socketUnit] = systemdUnits(plan({ socket }));
    expect(service?.text).toContain('"serve" "--listen" "fd://" "--log-level" "info"\n');
    expect(service?.text).toContain("Requires=holdfast.socket\n");
    expect(lines(socketUnit?.text ?? "")).toContain(line);
  });

  test("of a socket of the machine lets the user through to it, and nobody in", () => {
    const words = { socket: "unix://", isSystem: true, user: "builder" };
    const [, { text = "" } = {}] = systemdUnits(plan(words));
    for (const line of [
      "ListenStream=/run/holdfast/executor.sock",
      "SocketUser=builder",
      "SocketMode=0600",
      "DirectoryMode=0755",
    ]) {
      expect(lines(text)).toContain(line);
    }
    const [, { text: ofUser = "" } = {}] = systemdUnits(plan({ socket: "unix://" }));
    expect(lines(ofUser)).toContain("DirectoryMode=0700");
  });

  test("of one that can't tell when it serves does not wait for that", () => {
    const [{ text = "" } = {}] = systemdUnits({ ...plan(), canNotify: false });
    expect(lines(text)).toContain("Type=exec");
    expect(text).not.toMatch(/Watchdog|NotifyAccess/);
  });

  test.each([
    [{ isSystem: true }, "--system and --as USER go together"],
    [{ user: "me" }, "--system and --as USER go together"],
    [{ socket: "ws://127.0.0.1:0" }, "a port above 0"],
    [{ socket: "ws://devbox:7070" }, "--socket must be"],
    [{ socket: "/run/x" }, "--socket must be"],
    [{ socket: "unix:///run/50%/x" }, "can not be read"],
    [{ socket: `unix:///run/${"x".repeat(120)}` }, "choose a shorter one"],
    [{ socket: "unix:///run/x%0aExecStartPre=/bin/rm" }, "control characters"],
    [{ socket: "unix://", serveOptions: ["--listen", "stdio"] }, "leave out --listen"],
    [{ socket: "unix://", serveOptions: ["--listen=stdio"] }, "leave out --listen"],
    [{ config: "a\nExecStartPre=/bin/rm" }, "control characters"],
    [{ serveOptions: ["--spool\u0000"] }, "control characters"],
  ])("is refused for %j", (words, said) => {
    expect(() => systemdUnits(plan(words))).toThrow(said);
  });

  const hasVerify = spawnSync("systemd-analyze", ["--version"]).status === 0;

  test.skipIf(!hasVerify)(
    `is one that systemd has nothing against${hasVerify ? "" : " (skipped: there is no systemd-analyze)"}`,
    async () => {
      await using folder = await tempDir();
      const own = { ...PLACE, program: [process.execPath, "/bin/holdfast 100%.mjs"] as const };
      const units = systemdUnits(servicePlan("holdfast", { ...NOTHING, socket: "unix://", config: "a b.toml" }, own));
      for (const { name, text } of units) await writeFile(folder.join(name), text);
      const paths = units.map(({ name }) => folder.join(name));
      const verified = spawnSync("systemd-analyze", ["verify", "--user", ...paths], {
        env: { ...process.env, XDG_RUNTIME_DIR: folder.path },
        encoding: "utf8",
      });
      expect([verified.status, verified.stdout + verified.stderr]).toEqual([0, ""]);
    },
  );

  test.skipIf(!hasVerify)("leaves less open than one without a word about that", async () => {
    await using folder = await tempDir();
    const [unit] = systemdUnits(plan());
    const exposure = async (text: string): Promise<number> => {
      await writeFile(folder.join("x.service"), text);
      const words = ["security", "--offline=true", "--json=short", folder.join("x.service")];
      const checks = JSON.parse(
        execFileSync("systemd-analyze", words, { stdio: ["ignore", "pipe", "ignore"] }).toString(),
      );
      return checks.reduce((sum: number, { exposure: one }: { exposure: string | null }) => sum + Number(one ?? 0), 0);
    };
    expect(await exposure(unit?.text ?? "")).toBeLessThan(await exposure("[Service]\nExecStart=/bin/true\n"));
  });
});

test("a word of a unit stays one word, whatever it has", () => {
  expect(execLine(["/a b", '"', "\\", "%h", "$HOME", "it's", ";"])).toBe(
    ':"/a b" "\\"" "\\\\" "%%h" "$HOME" "it\'s" ";"',
  );
  expect(() => unitWord("a\u001b")).toThrow("control characters");
});

test("what launchd has to know is this", () => {
  expect(launchdPlist(plan(), "/Users/me")).toBe(PLIST);
});

describe("holdfast service", () => {
  test.each([
    [["service"], "missing argument ACTION"],
    [["service", "reinstall"], "'reinstall' is none of install, uninstall, status, logs"],
    [["service", "status", "--print"], "--print is for install, not for status"],
    [["service", "install", "--follow"], "--follow is for logs, not for install"],
    [["service", "status", "--", "--listen", "stdio"], "options after -- are for install"],
    [["service", "status", "--name", "../evil"], "--name must have"],
    [["service", "logs", "-n", "all"], "--lines must be a whole number"],
  ])("%j is refused with 2", async (args, said) => {
    const { code, stderr } = await holdfast(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
  });

  test.each(["install", "uninstall", "status", "logs"])(
    "%s says in one line that no service manager is there",
    async (action) => {
      await using folder = await tempDir();
      const env = {
        HOME: folder.path,
        XDG_RUNTIME_DIR: folder.path,
        DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent",
        XDG_CONFIG_HOME: folder.join("config"),
      };
      if (action === "uninstall") await writeFile(folder.join("unused"), "");
      const { code, stderr } = await holdfast(["service", action], { env });
      expect([code, lines(stderr).length]).toEqual([1, 1]);
      expect(stderr).toMatch(
        action === "uninstall"
          ? /there is no service holdfast/
          : /no service manager of this session can be reached here: .*--print writes the unit/,
      );
    },
  );

  test("install --print writes the unit and changes nothing", async () => {
    await using folder = await tempDir();
    const env = { XDG_CONFIG_HOME: folder.join("config") };
    const { code, stdout } = await holdfast(["service", "install", "--print", "--name", "mine"], { env });
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(
      process.platform === "darwin" ? /<plist/ : /^# mine\.service\n# Made by .*\n\[Unit\]\n/,
    );
    expect(spawnSync("ls", [folder.path], { encoding: "utf8" }).stdout).toBe("");
  });
});
