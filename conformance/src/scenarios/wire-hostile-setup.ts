import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assertContained, inCage, snapshotOf } from "../sandbox/cage.ts";
import type { WireScenario } from "../scenario.ts";
import { uriOf } from "../start-params.ts";

export const WIRE_HOSTILE_SETUP: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.hostile-git-hooks",
    sentence: "hooks and configuration of a repository can't be written, also not where a worktree's pointer leads",
    requirements: ["sandbox.metadata"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ attempt, line, playground, sandbox }) => {
        const { workspace } = playground;
        const names = ["hooks/pre-commit", "config", "HEAD"];
        const direct = names.flatMap((name) => [
          [`write .git/${name}`, `sysopen my $f, "$workspace/.git/${name}", O_WRONLY|O_CREAT`],
        ]);
        await mkdir(join(workspace, ".git/hooks"));
        assertContained(
          await attempt({ ...Object.fromEntries(direct), "remove .git": 'rename "$workspace/.git", "/tmp/$mark-git"' }),
        );
        await rm(join(workspace, ".git"), { recursive: true });
        await mkdir(join(workspace, "kept/hooks"), { recursive: true });
        await writeFile(join(workspace, "kept/config"), "content\n");
        await writeFile(join(workspace, ".git"), "gitdir: kept\n");
        assertContained(
          await attempt({
            "write the pointer": 'put("$workspace/.git")',
            "replace the pointer": 'create("$workspace/other"); rename "$workspace/other", "$workspace/.git"',
            "remove the pointer": 'unlink "$workspace/.git"',
            "create a hook": 'create("$workspace/kept/hooks/pre-commit")',
            "write the configuration": 'put("$workspace/kept/config")',
            "move the repository": 'rename "$workspace/kept", "$workspace/moved"',
          }),
        );
        const hook = uriOf(join(workspace, "kept/hooks/post-merge"));
        const { error } = await line.call("fs/writeFile", { path: hook, dataBase64: "", sandbox });
        assert.ok(error !== undefined, "a hook was written by a file operation");
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-missing-metadata",
    sentence: "metadata that does not exist can't be made, and nothing of what stood in for it stays",
    requirements: ["sandbox.metadata"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ attempt, playground }) => {
        const { workspace } = playground;
        await rm(join(workspace, ".git"), { recursive: true });
        const before = (await readdir(workspace)).sort();
        const names = [".git", ".codex", ".agents", ".aws"];
        const attempts = names.flatMap((name) => [
          [`make ${name}`, `mkdir "$workspace/${name}"`],
          [`write in ${name}`, `create("$workspace/${name}/new")`],
          [`link to ${name}`, `symlink "sub", "$workspace/${name}"`],
          [`rename to ${name}`, `mkdir "$workspace/aside"; rename "$workspace/aside", "$workspace/${name}"`],
        ]);
        assertContained(await attempt(Object.fromEntries(attempts)));
        await rm(join(workspace, "aside"), { recursive: true, force: true });
        assert.deepEqual((await readdir(workspace)).sort(), before);
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-metadata-link",
    sentence: "a protected name that is a link into a writable place is refused, or what it leads to is protected",
    requirements: ["sandbox.metadata", "sandbox.links"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ run, playground }) => {
        await symlink("sub", join(playground.workspace, ".codex"));
        await run([
          "/bin/sh",
          "-c",
          "rm -f .codex; mkdir .codex; echo x > .codex/config.toml; echo x > sub/config.toml",
        ]);
        assert.ok(!existsSync(join(playground.workspace, ".codex/config.toml")), "the configuration was written");
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-environment",
    sentence: "TMPDIR and HOME of a command do not choose what it may write",
    requirements: ["sandbox.processes"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ attempt, playground }) => {
        const before = await snapshotOf(playground.outside);
        const env = { TMPDIR: playground.outside, HOME: playground.outside, XDG_RUNTIME_DIR: playground.outside };
        assertContained(await attempt({ "write to its TMPDIR": 'put("$outside/file")' }, { env }));
        assert.equal(await snapshotOf(playground.outside), before);
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-wrapper-path",
    sentence: "a command's PATH does not choose the program that confines it",
    requirements: ["sandbox.processes"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ shell, playground }) => {
        const bin = join(playground.outside, "bin");
        const marker = join(playground.outside, "unconfined");
        await mkdir(bin);
        const script = `#!/bin/sh\necho --perms --argv0 --as-pid-1\n: > ${marker}\n`;
        await writeFile(join(bin, "bwrap"), script);
        await chmod(join(bin, "bwrap"), 0o755);
        const env = { PATH: `${bin}:/usr/bin:/bin` };
        await shell("true", { env });
        assert.ok(!existsSync(marker), "a program of the command's choice ran unconfined");
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-preload",
    sentence: "a command's LD_PRELOAD and LD_AUDIT are not loaded into what confines it",
    requirements: ["sandbox.processes"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ run, playground }) => {
        const library = join(playground.workspace, "no-such-library.so");
        // The loader complains once for every program that was told to load it.
        const { output } = await run(["/usr/bin/true"], { env: { LD_PRELOAD: library } });
        const complaints = output.split("\n").filter((text) => text.includes("cannot be preloaded")).length;
        assert.equal(complaints, 1, `${complaints} programs loaded it: ${output}`);
      });
    },
  },
];
