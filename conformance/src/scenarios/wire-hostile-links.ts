import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { assertContained, inCage, snapshotOf } from "../sandbox/cage.ts";
import { contextFor, managed } from "../sandbox/columns.ts";
import type { WireScenario } from "../scenario.ts";
import { startParams, uriOf } from "../start-params.ts";

/** Swaps a folder and a link to a folder outside for each other, until a file says stop. */
const SWAPPER = String.raw`my ($at, $aside, $link) = @ARGV; $| = 1; print "up\n";
while (!-e "stop") { rename $at, $aside; rename $link, $at; rename $at, $link; rename $aside, $at }`;

const SWAPPED_ROUNDS = 36;

export const WIRE_HOSTILE_LINKS: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.hostile-links",
    sentence: "no link that is made inside leads a write outside",
    requirements: ["sandbox.links"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ attempt, playground }) => {
        const before = await snapshotOf(playground.outside);
        assertContained(
          await attempt({
            "absolute link": 'symlink("$outside/file", "$workspace/l1"); put("$workspace/l1")',
            "relative link": 'symlink("../outside/file", "$workspace/l2"); put("$workspace/l2")',
            "folder link": 'symlink($outside, "$workspace/l3"); create("$workspace/l3/new")',
            "link to a link": 'symlink("l3", "$workspace/l4"); create("$workspace/l4/new")',
            "link to .git": 'symlink(".git", "$workspace/l5"); create("$workspace/l5/new")',
            "hard link": 'link "$outside/file", "$workspace/l6"',
            "hard link of a descriptor":
              'open(my $f, "<", "$outside/file") or return 0; link "/proc/self/fd/" . fileno($f), "$workspace/l7"',
            "rename out": 'rename "$workspace/file", "$outside/moved"',
            "rename in": 'rename "$outside/file", "$workspace/moved"',
            "rename the workspace": 'rename $workspace, "$workspace-moved"',
          }),
        );
        assert.equal(await snapshotOf(playground.outside), before);
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-file-links",
    sentence: "file operations follow no link and no entry of /proc outside",
    requirements: ["sandbox.links", "sandbox.files"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ line, playground, sandbox }) => {
        const before = await snapshotOf(playground.outside);
        await symlink(playground.outside, join(playground.workspace, "out"));
        await symlink("out/../outside", join(playground.workspace, "crooked"));
        const dataBase64 = Buffer.from("hostile\n").toString("base64");
        const folders = [
          `${playground.workspace}/out`,
          `${playground.workspace}/crooked`,
          `/proc/self/root${playground.outside}`,
          `/proc/1/root${playground.outside}`,
          `/proc/self/cwd/${playground.outside}`,
          `/proc/thread-self/root${playground.outside}`,
        ];
        for (const folder of folders) {
          const at = (name: string): string => uriOf(join(folder, name));
          const answers = await Promise.all([
            line.call("fs/writeFile", { path: at("file"), dataBase64, sandbox }),
            line.call("fs/writeFile", { path: at("new"), dataBase64, sandbox }),
            line.call("fs/createDirectory", { path: at("made"), recursive: false, sandbox }),
            line.call("fs/remove", { path: at("file"), recursive: false, force: false, sandbox }),
            line.call("fs/copy", { sourcePath: at("file"), destinationPath: at("copy"), recursive: false, sandbox }),
          ]);
          assert.ok(
            answers.every(({ error }) => error !== undefined),
            `${folder}: ${JSON.stringify(answers)}`,
          );
        }
        assert.equal(await snapshotOf(playground.outside), before);
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-swapped-folder",
    sentence: "while a folder and a link are swapped for each other, no operation and no command reaches outside",
    requirements: ["sandbox.links", "sandbox.files"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ line, playground, sandbox, shell }) => {
        const { workspace, outside } = playground;
        await symlink(outside, join(workspace, "swapped-link"));
        const before = await snapshotOf(outside);
        const at = join(workspace, "sub");
        const argv = ["/usr/bin/perl", "-e", SWAPPER, at, `${at}-aside`, join(workspace, "swapped-link")];
        const env = { PATH: "/usr/bin:/bin" };
        await line.call("process/start", startParams(workspace, { processId: "swapper", argv, env, sandbox }));
        await line.notice("process/output", "swapper");
        const dataBase64 = Buffer.from("hostile\n").toString("base64");
        for (let round = 0; round < SWAPPED_ROUNDS; round++) {
          const path = uriOf(join(at, round % 2 === 0 ? "file" : `new-${round}`));
          await Promise.all([
            line.call("fs/writeFile", { path, dataBase64, sandbox }),
            line.call("fs/createDirectory", { path: uriOf(join(at, `made-${round}`)), recursive: true, sandbox }),
            line.call("fs/copy", {
              sourcePath: uriOf(join(workspace, "file")),
              destinationPath: uriOf(join(at, `copy-${round}`)),
              recursive: false,
              sandbox,
            }),
            line.call("fs/remove", { path: uriOf(join(at, "linked")), recursive: true, force: true, sandbox }),
          ]);
          if (round % 12 === 0) await shell(`echo hostile > ${at}/file; rm -rf ${at}/hard`);
        }
        await shell("touch stop");
        await line.notice("process/exited", "swapper");
        assert.equal(await snapshotOf(outside), before);
      });
    },
  },
  {
    direction: "wire",
    id: "wire.hostile-swapped-root",
    sentence: "a command's start does not follow a read-only path that is being swapped for a link",
    requirements: ["sandbox.links"],
    essential: false,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ line, playground, run, sandbox }) => {
        const { workspace, outside } = playground;
        await symlink(outside, join(workspace, "swapped-link"));
        const before = await snapshotOf(outside);
        const at = join(workspace, "sub");
        const argv = ["/usr/bin/perl", "-e", SWAPPER, at, `${at}-aside`, join(workspace, "swapped-link")];
        const env = { PATH: "/usr/bin:/bin" };
        await line.call("process/start", startParams(workspace, { processId: "swapper", argv, env, sandbox }));
        await line.notice("process/output", "swapper");
        const special = (kind: string, access: string) => ({ path: { type: "special", value: { kind } }, access });
        const carved = managed([
          special("root", "read"),
          special("project_roots", "write"),
          { path: { type: "path", path: uriOf(join(at, "missing")) }, access: "deny" },
          { path: { type: "path", path: uriOf(join(at, "kept")) }, access: "read" },
        ]);
        for (let round = 0; round < 25; round++) {
          await run(["/bin/sh", "-c", `echo hostile > ${at}/file; echo hostile > ${at}/missing`], {
            sandbox: contextFor(workspace, carved),
          });
        }
        await run(["/usr/bin/touch", "stop"]);
        await line.notice("process/exited", "swapper");
        assert.equal(await snapshotOf(outside), before);
      });
    },
  },
];
