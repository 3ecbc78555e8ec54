import assert from "node:assert/strict";
import { watch } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Attack } from "../attack.ts";

/** Swaps whatever appears in the temporary folder for a link to a file of the user's, and writes into it. */
function HIJACKER(temporary: string, victim: string): string {
  return (
    `cd ${temporary}; echo up; while [ ! -e stop ]; do for f in * .[!.]*; do [ "$f" = stop ] && continue; [ -e "$f" ] || continue; ` +
    `(echo "echo hijacked" > "$f") & ln -sf ${victim} x.aside 2>/dev/null && mv -T x.aside "$f" 2>/dev/null; done; done`
  );
}

export const INPUT: readonly Attack[] = [
  {
    id: "input.no-names",
    sentence: "standard input of a command never stands under a name, and can't be taken over by a confined command",
    essential: true,
    async run({ playground, holdfast, serve, confined }) {
      const { temporary, home } = playground;
      const victim = join(home, ".profile");
      await writeFile(victim, "the user's\n");
      const seen = new Set<string>();
      const watcher = watch(temporary, (_event, name) => seen.add(String(name)));
      await using executor = await serve();
      const own = (name: string): boolean => !["stop", "x.aside"].includes(name);
      for (const mode of [[], ["--stdin=file"]]) {
        const words = ["exec", "--url", executor.url, ...mode, "--", "sh"];
        const { stdout, stderr } = await holdfast(words, { input: Buffer.from("echo expected\n") });
        assert.equal(stdout.toString(), "expected\n", stderr);
      }
      assert.deepEqual([...seen].filter(own), [], "names appeared in the temporary folder");
      const hijacker = confined(HIJACKER(temporary, victim));
      try {
        for (let round = 0; round < 5; round += 1) {
          const words = ["exec", "--url", executor.url, "--", "sh"];
          const { stdout } = await holdfast(words, { input: Buffer.from("echo expected\n") });
          assert.equal(stdout.toString(), "expected\n");
        }
      } finally {
        watcher.close();
        await writeFile(join(temporary, "stop"), "");
        await hijacker;
      }
      assert.equal(await readFile(victim, "utf8"), "the user's\n", "a file of the user's was written");
    },
  },
];
