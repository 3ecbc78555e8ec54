import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast, lines } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

const ONE_MB = 1_000_000;

describe.skipIf(unconfinable !== undefined)(`sandbox -- COMMAND${skipped}`, () => {
  test("passes stdin, stdout, stderr and the exit code through", async () => {
    await using folder = await ungrantedDir();
    const bytes = everyByte(ONE_MB);
    const script = "cat >copy; cat copy; echo error >&2; exit 7";
    const args = ["sandbox", "--cwd", folder.path, "--", "sh", "-c", script];
    const { code, stdout, stderr } = await holdfast(args, { stdin: bytes });
    expect({ code, stderr }).toEqual({ code: 7, stderr: "error\n" });
    expect(stdout.equals(bytes)).toBe(true);
    expect((await readFile(folder.join("copy"))).equals(bytes)).toBe(true);
  });

  test("hands over stdin also under a profile that hides the temporary folder", async () => {
    await using folder = await ungrantedDir();
    const entries = [{ path: { type: "special", value: { kind: "minimal" } }, access: "read" }];
    const profile = { type: "managed", network: "restricted", file_system: { type: "restricted", entries } };
    await writeFile(folder.join("profile.json"), JSON.stringify(profile));
    const args = ["sandbox", "--cwd", "/", "--profile", folder.join("profile.json"), "--", "sh", "-c", "cat; ls /var"];
    const { stdout, stderr } = await holdfast(args, { stdin: "through" });
    expect(stdout.toString()).toBe("through");
    expect(lines(stderr)[0]).toContain("/var");
  });

  test.each([
    ["read-only", "echo x >file", false],
    ["workspace-write", "echo x >file", true],
    ["workspace-write", "echo x >../file", false],
    ["none", "echo x >../file", true],
  ])("--profile %s: %s", async (profile, script, isAllowed) => {
    await using folder = await ungrantedDir();
    await mkdir(folder.join("w"));
    const args = ["sandbox", "--profile", profile, "--cwd", folder.join("w"), "--", "sh", "-c", script];
    const { code, stderr } = await holdfast(args);
    expect(code === 0).toBe(isAllowed);
    expect(existsSync(folder.join("w", "file")) || existsSync(folder.join("file"))).toBe(isAllowed);
    const told = lines(stderr).filter((line) => line.startsWith("holdfast sandbox: "));
    expect(told).toEqual(isAllowed ? [] : [expect.stringMatching(/sandbox probably refused .*--explain PATH/)]);
  });

  test("keeps quiet about the sandbox when a command fails for reasons of its own", async () => {
    const { code, stderr } = await holdfast(["sandbox", "--", "sh", "-c", "echo no >&2; exit 3"]);
    expect({ code, stderr }).toEqual({ code: 3, stderr: "no\n" });
  });

  test("--deny hides a path and what a pattern matches; --writable and --root open folders", async () => {
    await using folder = await ungrantedDir();
    for (const name of ["w", "more", "other"]) await mkdir(folder.join(name));
    await writeFile(folder.join("w", "secret"), "secret");
    await writeFile(folder.join("w", "key.pem"), "secret");
    const options = [
      "--deny",
      "secret",
      "--deny",
      "**/*.pem",
      "--root",
      ".",
      "--root",
      "../other",
      "--writable",
      "../more",
    ];
    const script =
      'cat secret key.pem; for f in w ../more/w ../other/w ../w; do (: >"$f") 2>/dev/null && echo "$f"; done; true';
    const args = ["sandbox", "--cwd", folder.join("w"), ...options, "--", "sh", "-c", script];
    const { stdout } = await holdfast(args);
    expect(lines(stdout.toString())).toEqual(["w", "../more/w", "../other/w"]);
  });

  test("--deny takes ~/ for the home folder, also where no shell has", async () => {
    await using folder = await ungrantedDir();
    await writeFile(folder.join("secret"), "secret");
    const args = ["sandbox", "--deny", "~/secret", "--", "sh", "-c", 'cat "$HOME/secret"'];
    const { code, stdout } = await holdfast(args, { env: { HOME: folder.path } });
    expect([code, stdout.toString()]).toEqual([1, ""]);
  });

  test("closes the network, and --network leaves it open", async () => {
    const server = createServer((socket) => socket.end("reached")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const script = `require("node:net").connect(${port}, "127.0.0.1").on("error", (e) => console.log(e.code)).on("data", (d) => console.log(String(d)))`;
    try {
      const closed = await holdfast(["sandbox", "--", process.execPath, "-e", script]);
      expect(closed.stdout.toString()).toBe("EPERM\n");
      const open = await holdfast(["sandbox", "--network", "--", process.execPath, "-e", script]);
      expect(open.stdout.toString()).toBe("reached\n");
    } finally {
      server.close();
    }
  });

  test("--tty gives a terminal, --env a variable", async () => {
    const { stdout } = await holdfast([
      "sandbox",
      "--tty",
      "--env",
      "A=b c",
      "--",
      "sh",
      "-c",
      'test -t 1 && echo "$A"',
    ]);
    expect(stdout.toString()).toContain("b c\r\n");
  });

  test("ends the command with itself", async () => {
    await using cli = new Cli(["sandbox", "--profile", "none", "--", "sh", "-c", "echo $$; exec sleep 600"]);
    await until(() => cli.stdout.length > 0);
    cli.child.kill("SIGTERM");
    expect((await cli.result()).code).toBe(143);
    await until(() => !isAlive(Number(cli.stdout.toString())));
  });

  test.runIf(process.getuid?.() === 0)("confines root: files of the machine stay as they are", async () => {
    const { code } = await holdfast(["sandbox", "--", "sh", "-c", "exec 2>/dev/null; : >>/etc/hostname"]);
    expect(code).not.toBe(0);
  });

  test("starts nothing in a folder that the profile hides, and says why in one line", async () => {
    await using folder = await ungrantedDir();
    await mkdir(folder.join("w"));
    const { code, stdout, stderr } = await holdfast([
      ...["sandbox", "--cwd", folder.join("w"), "--root", "/tmp", "--deny", folder.path],
      ...["--", "sh", "-c", "echo ran"],
    ]);
    expect([code, stdout.toString()]).toEqual([255, ""]);
    expect(lines(stderr)).toEqual([expect.stringMatching(/sh was not started: .*do not let it read there/)]);
  });

  test("starts nothing where nothing can be confined, and says what mends it", async () => {
    const { code, stdout, stderr } = await holdfast(["sandbox", "--", "/bin/echo", "ran"], {
      env: { PATH: "/nonexistent" },
    });
    expect([code, stdout.toString()]).toEqual([255, ""]);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/was not started: .*bubblewrap \(bwrap\) is not on PATH: .+/),
    ]);
  });
});
