import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Machine, plan } from "../../src/index.ts";
import { fakeMachine } from "../support/fake-files.ts";
import { intentFor, managed, WORKSPACE_WRITE } from "../support/intents.ts";
import { runPlan } from "../support/run-plan.ts";
import { wordsOf } from "../support/show-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const OTHER = 12_345;

function withRights(uid: number, canKeepFileRights: boolean, owner: "folder" | "locked folder"): boolean {
  const bubblewrap = { path: "/usr/bin/bwrap", supportsArgv0: true, canMountProc: true, canKeepFileRights };
  const here = fakeMachine(
    { "/srv/app": owner, "/tmp": "locked folder" },
    { uid, means: { kind: "linux", arch: "x64", bubblewrap } },
  );
  const words = wordsOf(plan(intentFor(managed(WORKSPACE_WRITE), "/srv/app"), { ...here, tmpdir: undefined }));
  expect(words.includes("--unshare-user")).toBe(!words.includes("CAP_DAC_OVERRIDE"));
  return words.includes("CAP_DAC_OVERRIDE");
}

test("root keeps its rights to files of others only where the workspace is another user's, and it can", () => {
  expect(withRights(0, true, "folder")).toBe(true);
  expect(withRights(0, true, "locked folder")).toBe(false);
  expect(withRights(0, false, "folder")).toBe(false);
  expect(withRights(1000, true, "folder")).toBe(false);
});

describe.skipIf(machine?.uid !== 0)("root in a workspace of another user", () => {
  const inWorkspace = async (mode: number, script: string) => {
    const base = mkdtempSync("/var/tmp/sandbox-rights-");
    try {
      const ws = `${base}/ws`;
      mkdirSync(`${ws}/.git`, { recursive: true });
      mkdirSync(`${base}/private`);
      for (const name of ["ws/file", "ws/.git/config", "private/file"]) writeFileSync(`${base}/${name}`, "text");
      for (const name of ["ws", "ws/file", "ws/.git", "ws/.git/config", "private", "private/file"]) {
        chownSync(`${base}/${name}`, OTHER, OTHER);
      }
      chmodSync(base, 0o755);
      chmodSync(ws, mode);
      chmodSync(`${base}/private`, 0o700);
      const intent = intentFor(managed(WORKSPACE_WRITE), ws, { argv: ["sh", "-c", script] });
      const outcome = await runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
      return { ...outcome, owner: statSync(`${ws}/file`).uid };
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  };

  test.each([0o755, 0o700])("writes there, with mode %o", async (mode) => {
    const script = "echo made >new && cat new && echo more >>file && cat file && chmod 600 file && rm new";
    const { stdout, stderr, owner } = await inWorkspace(mode, script);
    expect({ stdout, stderr, owner }).toEqual({ stdout: "made\ntextmore\n", stderr: "", owner: OTHER });
  });

  test("writes nowhere else, and has no other right of root", async () => {
    const script = `
      for each in ../private/file .git/config /etc/holdfast-new /proc/sys/kernel/core_pattern; do echo x >$each && echo $each; done
      mv .git g && echo moved; mount -t tmpfs x /mnt && echo mounted; umount .codex && echo unmounted
      chown 1 file && echo given; mknod dev b 1 1 && echo made; chroot / true && echo rooted; hostname x && echo named
      unshare -Urm sh -c 'umount .git || umount /proc/sys || mount -o remount,rw .git' && echo opened
      grep -E 'Cap(Eff|Prm)|NoNewPrivs' /proc/self/status; ls -d /proc/[0-9]* | wc -l`;
    const { stdout } = await inWorkspace(0o755, script);
    const lines = stdout.replaceAll("\t", " ").trim().split("\n");
    // DAC_OVERRIDE and FOWNER.
    const rights = ["CapPrm: 000000000000000a", "CapEff: 000000000000000a"];
    expect(lines.slice(0, -1)).toEqual([...rights, "NoNewPrivs: 1"]);
    expect(Number(lines.at(-1))).toBeLessThan(8);
  });
});
