import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Attack, AttackContext } from "../attack.ts";

function read(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "gone");
}

/** A repository in a folder that confined commands may write as well. */
async function nestedRepository(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, "holdfast-nested-"));
  const repository = join(folder, "repository");
  await mkdir(join(repository, ".git/hooks"), { recursive: true });
  await writeFile(join(repository, ".git/config"), "the user's\n");
  return repository;
}

async function confinedIn({ holdfast }: AttackContext, cwd: string, script: string): Promise<string> {
  const { stdout, stderr } = await holdfast(["sandbox", "--", "/bin/sh", "-c", script], { cwd });
  return `${stdout}${stderr}`;
}

export const ROOTS: readonly Attack[] = [
  {
    id: "roots.rename-nested",
    sentence: "a workspace below a temporary folder can't be moved away and made anew",
    essential: true,
    async run(context) {
      for (const parent of ["/tmp", context.playground.temporary]) {
        const repository = await nestedRepository(parent);
        try {
          const script = `cd / && mv ${repository} ${repository}.old; mkdir -p ${repository}/.git && echo evil > ${repository}/.git/config`;
          const said = await confinedIn(context, repository, script);
          assert.equal(await read(join(repository, ".git/config")), "the user's\n", said);
          const above = `cd / && mv ${join(repository, "..")} ${join(repository, "..")}.old`;
          await confinedIn(context, repository, above);
          assert.equal(await read(join(repository, ".git/config")), "the user's\n", "a folder above it was moved");
        } finally {
          await rm(join(repository, ".."), { recursive: true, force: true });
        }
      }
    },
  },
  {
    id: "roots.link-in-place",
    sentence: "a link in the place of a workspace gives the next command nothing",
    essential: true,
    async run(context) {
      const { temporary, outside } = context.playground;
      const repository = await nestedRepository(temporary);
      // What a command can't do while it is confined, it may have done before somebody made this a workspace.
      await rm(repository, { recursive: true });
      const linked = await context.confined(`ln -s ${outside} ${repository} && echo linked`);
      assert.match(linked, /linked/);
      // By name: whoever goes there first, as a shell does, is in the other place and means it.
      const script = `echo evil > ${outside}/new; echo evil > new`;
      const { stderr: said } = await context.holdfast(["sandbox", "--cwd", repository, "--", "/bin/sh", "-c", script]);
      assert.ok(!existsSync(join(outside, "new")), `a link was followed: ${said}`);
    },
  },
  {
    id: "roots.rename-above-denied",
    sentence: "no command moves a folder above what is denied to it, so that the next one finds it",
    essential: true,
    async run({ playground, confined }) {
      const { workspace } = playground;
      await mkdir(join(workspace, "conf/deep"), { recursive: true });
      await mkdir(join(workspace, "certs"));
      await writeFile(join(workspace, "conf/deep/key"), "SECRET\n");
      await writeFile(join(workspace, "certs/a.pem"), "SECRET\n");
      const denied = ["--deny", "conf/deep/key", "--deny", "certs/*.pem"];
      const scripts = [
        "cat conf/deep/key certs/a.pem",
        "mv conf c2; mv certs c3; cat c2/deep/key c3/a.pem",
        "mv conf/deep d2; cat c2/deep/key c3/a.pem d2/key",
        `perl -e 'mkdir "x"; syscall(${process.arch === "arm64" ? 276 : 316}, -100, "conf", -100, "x", 2)'; cat x/deep/key d2/key`,
        "cat conf/deep/key certs/a.pem c2/deep/key c3/a.pem d2/key x/deep/key",
      ];
      for (const script of scripts) assert.doesNotMatch(await confined(script, denied), /SECRET/, script);
    },
  },
  {
    id: "roots.git-behind-a-pointer",
    sentence: "a worktree's common repository and a submodule's pointer are as safe as a repository",
    essential: true,
    async run({ playground, confined }) {
      const { workspace } = playground;
      await rm(join(workspace, ".git"), { recursive: true });
      for (const folder of ["main.git/worktrees/here", "main.git/hooks"]) {
        await mkdir(join(workspace, folder), { recursive: true });
      }
      await writeFile(join(workspace, ".git"), `gitdir: ${workspace}/main.git/worktrees/here\n`);
      await writeFile(join(workspace, "main.git/worktrees/here/commondir"), "../..\n");
      await writeFile(join(workspace, "main.git/config"), "the user's\n");
      await confined("echo evil > main.git/hooks/post-checkout; echo evil > main.git/config; mv main.git other.git");
      assert.equal(await read(join(workspace, "main.git/config")), "the user's\n");
      assert.ok(!existsSync(join(workspace, "main.git/hooks/post-checkout")), "a hook was made");
    },
  },
  {
    id: "roots.pattern-link",
    sentence: "a link under a denied pattern hides nothing from the next command that is not the pattern's",
    essential: false,
    async run({ playground, confined }) {
      await confined(
        `ln -s /bin/sh ${playground.workspace}/lock.pem; ln -s /lib64/ld-linux-x86-64.so.2 ${playground.workspace}/b.pem`,
      );
      assert.match(await confined("echo works", ["--deny", "**/*.pem"]), /works/);
    },
  },
  {
    id: "roots.leftovers",
    sentence: "nothing that stood in for what must not exist stays in a workspace",
    essential: false,
    async run({ playground, confined }) {
      await rm(join(playground.workspace, ".git"), { recursive: true });
      await confined("ls -a; exit 3");
      for (const name of [".git", ".codex", ".agents"]) {
        assert.ok(!existsSync(join(playground.workspace, name)), `${basename(name)} stays`);
      }
    },
  },
];
