import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { holdfast, lines } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

function special(kind: string) {
  return { type: "special", value: { kind } };
}

function managed(...entries: readonly object[]) {
  return {
    type: "managed",
    network: "restricted",
    file_system: { type: "restricted", entries },
  };
}

/** The rows below the headings: path, access, rule. */
async function explained(folder: string, args: readonly string[]): Promise<string[][]> {
  const { code, stdout, stderr } = await holdfast(["sandbox", "--cwd", folder, "--explain", ...args]);
  expect([code, stderr]).toEqual([0, ""]);
  const [headings, ...rows] = lines(stdout.toString());
  expect(headings?.split(/ {2,}/)).toEqual(["PATH", "ACCESS", "RULE"]);
  return rows.map((row) => row.split(/ {2,}/));
}

describe.skipIf(unconfinable !== undefined)(`sandbox --explain${skipped}`, () => {
  test("names the entry, its place and its access, or the protected name and its root", async () => {
    await using folder = await ungrantedDir();
    await mkdir(folder.join("closed"));
    await mkdir(folder.join(".git"));
    const { path } = folder;
    expect(
      await explained(path, [
        "--deny",
        "closed",
        "new",
        ".git/hooks",
        "closed/x",
        "/etc",
        "/tmp/.codex/x",
        "/dev/null",
      ]),
    ).toEqual([
      ["new", "write", `entry 1: project_roots = ${path} write`],
      [".git/hooks", "read", `entry 4: project_roots/.git = ${path}/.git read`],
      ["closed/x", "none", `entry 8: ${path}/closed deny`],
      ["/etc", "read", "entry 0: root read"],
      ["/tmp/.codex/x", "read", "protected metadata: .codex of /tmp"],
      ["/dev/null", "write", "the sandbox has a /dev of its own"],
    ]);
  });

  test("follows links as the sandbox would, and shows where they lead", async () => {
    await using folder = await ungrantedDir();
    const { path } = folder;
    await mkdir(folder.join("closed"));
    await symlink("/etc/hosts", folder.join("closed", "link"));
    await symlink("/etc/hosts", folder.join("link"));
    await symlink("nowhere", folder.join("dangling"));
    await symlink("loop", folder.join("loop"));
    expect(await explained(path, ["--deny", "closed", "link", "closed/link", "dangling/x", "loop"])).toEqual([
      ["link -> /etc/hosts", "read", "entry 0: root read"],
      ["closed/link -> /etc/hosts", "none", `entry 8: ${path}/closed deny`],
      [`dangling/x -> ${path}/nowhere/x`, "write", `entry 1: project_roots = ${path} write`],
      ["loop", "write", `entry 1: project_roots = ${path} write`],
    ]);
  });

  test("tells patterns by what they hide now", async () => {
    await using folder = await ungrantedDir();
    const { path } = folder;
    await writeFile(folder.join("key.pem"), "");
    await writeFile(folder.join("target"), "");
    await symlink("target", folder.join("link.key"));
    const rows = await explained(path, [
      "--deny",
      "*.pem",
      "--deny",
      "*.key",
      "key.pem",
      "new.pem",
      "link.key",
      "target",
    ]);
    expect(rows).toEqual([
      ["key.pem", "none", "entry 8: pattern *.pem deny"],
      ["new.pem", "write", `entry 1: project_roots = ${path} write`],
      [`link.key -> ${path}/target`, "none", "entry 9: pattern *.key deny"],
      ["target", "none", expect.stringMatching(/^entry [89]: pattern .* deny, which covers .*\/target$/)],
    ]);
  });

  test("tells what no entry says in so many words: what is kept from being made, pointed to, or not there", async () => {
    await using folder = await ungrantedDir();
    const { path } = folder;
    await mkdir(folder.join("w", "repository"), { recursive: true });
    await writeFile(folder.join("w", ".git"), "gitdir: repository\n");
    const profile = managed(
      { path: special("minimal"), access: "read" },
      { path: { type: "path", path: `${path}/w` }, access: "write" },
      { path: { type: "path", path: `${path}/w/never/made` }, access: "deny" },
      { path: { type: "path", path: `${path}/absent` }, access: "write" },
    );
    await writeFile(folder.join("profile.json"), JSON.stringify(profile));
    const options = ["--profile", folder.join("profile.json")];
    expect(
      await explained(path, [...options, "/usr/bin", "w/never/x", "w/repository/HEAD", "absent/x", "/opt"]),
    ).toEqual([
      ["/usr/bin", "read", "entry 0: minimal = /usr read"],
      ["w/never/x", "none", `entry 2: ${path}/w/never/made deny, which covers ${path}/w/never`],
      ["w/repository/HEAD", "read", `protected metadata: git reads ${path}/w/repository`],
      ["absent/x", "none", `entry 3: ${path}/absent write, but that does not exist`],
      ["/opt", "none", "nothing matched: no entry is about it"],
    ]);
  });

  test("tells what is there so that no command changes what confines it, and that what leads there stays as it was", async () => {
    const program = new URL("../../dist/program", import.meta.url).pathname;
    const root = dirname(dirname(program));
    expect(
      await explained(root, ["--deny", "src/cp/no-such-file", "dist/program/main.js", "dist/new", "src/cp/x"]),
    ).toEqual([
      ["dist/program/main.js", "read", `part of what confines the command: ${dirname(program)}`],
      ["dist/new", "read", `part of what confines the command: ${dirname(program)}`],
      ["src/cp/x", "write", `entry 1: project_roots = ${root} write`],
    ]);
  });

  test("--json gives the same to programs", async () => {
    await using folder = await ungrantedDir();
    const { path } = folder;
    await symlink("/etc/hosts", folder.join("link"));
    const { stdout } = await holdfast(["sandbox", "--cwd", path, "--explain", "--json", "link", ".aws"]);
    expect(JSON.parse(stdout.toString())).toEqual({
      paths: [
        {
          path: "link",
          realPath: "/etc/hosts",
          exists: true,
          access: "read",
          rule: "entry",
          entry: 0,
          reason: "entry 0: root read",
        },
        {
          path: ".aws",
          realPath: `${path}/.aws`,
          exists: false,
          access: "read",
          rule: "protected-metadata",
          entry: null,
          reason: `protected metadata: .aws of ${path}`,
        },
      ],
    });
  });

  test("tells in one line that a sandbox would refuse the profile", async () => {
    await using folder = await ungrantedDir();
    await symlink("/etc", folder.join(".git"));
    const { code, stdout, stderr } = await holdfast(["sandbox", "--cwd", folder.path, "--explain", "."]);
    expect([code, stdout.length]).toEqual([255, 0]);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(
        /would start nothing .* crosses writable symlink .*\/\.git: make it a file with the line "gitdir: .*$/,
      ),
    ]);
  });

  test("explains also where nothing can be confined, and says so", async () => {
    const { code, stdout, stderr } = await holdfast(["sandbox", "--explain", "/etc/hosts"], {
      env: { PATH: "/nonexistent" },
    });
    expect(code).toBe(0);
    expect(lines(stderr)).toEqual([
      expect.stringContaining("nothing can be confined here: bubblewrap (bwrap) is not on PATH"),
    ]);
    expect(lines(stdout.toString())[1]).toMatch(/^\/etc\/hosts {2}read +entry 0: root read$/);
  });

  test("without a sandbox everything is open", async () => {
    const { stdout } = await holdfast(["sandbox", "--profile", "none", "--explain", "/etc/hosts"]);
    expect(lines(stdout.toString())[1]).toMatch(/^\/etc\/hosts {2}write +whole disk: files are not restricted$/);
  });
});
