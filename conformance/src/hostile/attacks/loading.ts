import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { endChild, ownChild } from "../../owned.ts";
import { HOLDFAST_BIN } from "../../places.ts";
import type { Attack } from "../attack.ts";

const CLI_FOLDER = join(HOLDFAST_BIN, "../..");

export const LOADING: readonly Attack[] = [
  {
    id: "loading.nothing-cached",
    sentence: "the program leaves nothing in a folder that confined commands may write, which it would load again",
    essential: true,
    async run({ holdfast, playground }) {
      for (const args of [["--version"], ["exec", "--", "true"], ["sandbox", "--", "true"], ["info"]])
        await holdfast(args);
      assert.deepEqual(await readdir(playground.temporary), [], "the temporary folder is not empty");
    },
  },
  {
    id: "loading.own-program",
    sentence: "a confined command can't change the program that confines it, though it lies in its workspace",
    essential: true,
    async run({ playground, env }) {
      const installed = join(playground.workspace, "node_modules/holdfast");
      await mkdir(installed, { recursive: true });
      for (const part of ["bin", "dist", "package.json"]) {
        await cp(join(CLI_FOLDER, part), join(installed, part), { recursive: true, verbatimSymlinks: false });
      }
      await symlink(join(CLI_FOLDER, "node_modules"), join(installed, "node_modules"));
      const program = join(installed, "bin/holdfast.mjs");
      const script =
        "for f in $(find node_modules/holdfast/dist node_modules/holdfast/bin -type f); do echo '//evil' >> $f && echo CHANGED $f; done; " +
        "mv node_modules/holdfast node_modules/h2 && echo MOVED; mv node_modules n2 && echo MOVED; rm -rf node_modules/holdfast/dist; ls node_modules/holdfast/dist | wc -l";
      const child = ownChild(
        spawn(process.execPath, [program, "sandbox", "--", "/bin/sh", "-c", script], {
          cwd: playground.workspace,
          env: { ...process.env, ...env },
          stdio: ["ignore", "pipe", "pipe"],
        }),
      );
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
      await once(child, "close");
      await endChild(child);
      assert.doesNotMatch(output, /CHANGED|MOVED/, output.slice(0, 500));
      assert.ok(existsSync(join(installed, "dist/program/main.js")), `it was removed: ${pathToFileURL(program)}`);
    },
  },
];
