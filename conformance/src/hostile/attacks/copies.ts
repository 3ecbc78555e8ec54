import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Attack } from "../attack.ts";

/** Goes for everything in the workspace that looks like a copy in progress: adds words to its lists, and links for its files. */
function AMBUSH(workspace: string, home: string): string {
  return (
    `cd ${workspace}; echo up; while [ ! -e stop ]; do for d in .holdfast-*; do [ -e "$d" ] || continue; ` +
    `printf '%s\\0%s\\0' "${workspace}/evil" "${home}/.profile" >> "$d/links"; printf '%s\\0' "${home}/private" >> "$d/mode-666"; ` +
    `ln -s ${home}/private x.$$ && mv -T "$d" "aside.$$" && mv -T x.$$ "$d"; for f in "$d"/*; do rm -f "$f"; ln -s ${home}/private "$f"; done; done; done 2>/dev/null`
  );
}

/** Links under the names of what will be copied, and in the place of a folder. */
function PLANT(home: string): string {
  return (
    `mkdir in && ln -s ${home}/.profile in/f && ln -s ${home}/folder in/source && ln -s ${home}/folder led && ` +
    `ln -s ${home}/.profile taken && ln -s ${home}/new absent`
  );
}

/** What is copied, and where to. */
const PLANTED = [
  ["f", "in", "in/", "led", "taken", "absent"],
  ["source", "in", "in/", "led"],
  ["source/.", "led"],
] as const;

export const COPIES: readonly Attack[] = [
  {
    id: "copies.ambush",
    sentence:
      "a copy into a folder that a confined command may write changes nothing elsewhere, whatever that command does",
    essential: true,
    async run({ playground, holdfast, confined, serve }) {
      const { workspace, home } = playground;
      const source = join(playground.outside, "source");
      await mkdir(join(source, "sub"), { recursive: true });
      for (let n = 0; n < 5; n += 1) await writeFile(join(source, `file${n}`), "x", { mode: 0o666 });
      await symlink("file0", join(source, "link"));
      await writeFile(join(home, "private"), "private\n", { mode: 0o600 });
      await using executor = await serve();
      const ambush = confined(AMBUSH(workspace, home));
      try {
        for (let n = 0; n < 6; n += 1) {
          await holdfast(["cp", "-r", "--url", executor.url, source, `remote:${workspace}/copy${n}`]);
          await holdfast(["cp", "--url", executor.url, join(source, "file0"), `remote:${workspace}/single${n}`]);
        }
      } finally {
        await writeFile(join(workspace, "stop"), "");
        await ambush;
      }
      assert.deepEqual((await readdir(home)).sort(), ["private"], "something appeared outside");
      assert.equal(await readFile(join(home, "private"), "utf8"), "private\n");
      assert.equal((await stat(join(home, "private"))).mode & 0o777, 0o600, "the mode of a private file");
    },
  },
  {
    id: "copies.planted-link",
    sentence: "a link planted under the name of what is copied, or in the place of where it goes, leads nowhere",
    essential: true,
    async run({ playground, holdfast, confined, serve }) {
      const { workspace, home, outside } = playground;
      const source = join(outside, "source");
      await mkdir(source);
      for (const file of [join(outside, "f"), join(source, "f")]) await writeFile(file, "copied\n", { mode: 0o666 });
      await mkdir(join(home, "folder"), { mode: 0o700 });
      await writeFile(join(home, ".profile"), "mine\n", { mode: 0o600 });
      const planted = await confined(PLANT(home));
      assert.equal(planted, "", "the links could not be planted");
      await using executor = await serve();
      for (const [from, to] of [
        ["", "remote:"],
        ["remote:", "remote:"],
        ["remote:", ""],
      ] as const) {
        for (const [name, ...places] of PLANTED) {
          for (const place of places) {
            const words = [
              "cp",
              "-r",
              "--url",
              executor.url,
              `${from}${outside}/${name}`,
              `${to}${workspace}/${place}`,
            ];
            const { exitCode, stderr } = await holdfast(words);
            assert.equal(exitCode, 1, `${words.join(" ")}: ${stderr}`);
            assert.match(stderr, /is a link to .*; name what it leads to/);
          }
        }
      }
      assert.deepEqual((await readdir(home)).sort(), [".profile", "folder"], "something appeared outside");
      assert.deepEqual(await readdir(join(home, "folder")), [], "something appeared outside");
      assert.equal(await readFile(join(home, ".profile"), "utf8"), "mine\n");
      assert.equal((await stat(join(home, ".profile"))).mode & 0o777, 0o600, "the mode of a private file");
    },
  },
];
