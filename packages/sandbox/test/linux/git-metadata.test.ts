import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Machine, plan } from "../../src/index.ts";
import { git } from "../support/git.ts";
import { intentFor, literal, managed, ROOT_READ, special } from "../support/intents.ts";
import { type PlanOutcome, runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();

describe.skipIf(machine === undefined)("a command can not change what git runs for the user", () => {
  let base: string;

  beforeEach(() => {
    base = mkdtempSync("/var/tmp/sandbox-git-");
    for (const name of ["main", "library", "inner"]) repository(name);
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  function repository(name: string): void {
    mkdirSync(`${base}/${name}`);
    git(`${base}/${name}`, "init", "-q");
    writeFileSync(`${base}/${name}/file`, name);
    git(`${base}/${name}`, "add", ".");
    git(`${base}/${name}`, "commit", "-qm", "first");
  }

  /** In a working tree, with everything beside it writable too. */
  const sh = (folder: string, script: string): Promise<PlanOutcome> => {
    const entries = [ROOT_READ, special("project_roots", "write"), literal(base, "write")];
    const env = { PATH: "/usr/bin:/bin", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
    const intent = intentFor(managed(entries), folder, { argv: ["sh", "-c", script], env });
    return runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
  };

  test("in the repository that a worktree shares with others", async () => {
    const [main, tree] = [`${base}/main`, `${base}/tree`];
    git(main, "worktree", "add", "-q", tree);
    const attempts = ["config", "hooks/post-commit", "worktrees/tree/commondir", "worktrees/tree/config.worktree"];
    const script = attempts.map((name) => `echo evil >${main}/.git/${name} && echo ${name}`).join("; ");
    const { stdout } = await sh(
      tree,
      `${script}; mv ${main} ${main}.old; mv ${main}/.git ${main}/g; git status -s; true`,
    );
    expect(stdout).toBe("");
    expect(existsSync(`${main}/.git/hooks/post-commit`)).toBe(false);
    expect(existsSync(`${main}/.git/config`)).toBe(true);
  });

  test("in a submodule, one in another and one that keeps its repository to itself", async () => {
    const main = `${base}/main`;
    git(`${base}/library`, "submodule", "--quiet", "add", `${base}/inner`, "inner");
    git(`${base}/library`, "commit", "-qm", "with another");
    git(main, "submodule", "--quiet", "add", `${base}/library`, "third party/library");
    git(main, "submodule", "--quiet", "update", "--init", "--recursive");
    git(main, "clone", "-q", `${base}/inner`, "kept");
    git(main, "add", "kept");
    git(main, "commit", "-qm", "with others");
    const folders = ["third party/library", "third party/library/inner", "kept"];
    const script = folders
      .map((folder) => {
        const at = `'${main}/${folder}'`;
        return `rm -rf ${at}/.git; mv ${at}/.git ${at}/g; mv ${at} ${at}.old; mkdir -p ${at}/.git/hooks; echo evil >${at}/.git/config`;
      })
      .join("; ");
    const before = folders.map((folder) => readFileSync(`${main}/${folder}/file`, "utf8"));
    const { stdout } = await sh(main, `(${script}) 2>/dev/null; git status -s; echo x >kept/made; ls kept`);
    expect(stdout).toBe("file\nmade\n");
    rmSync(`${main}/kept/made`);
    expect(git(main, "status", "--short")).toBe("");
    expect(folders.map((folder) => readFileSync(`${main}/${folder}/file`, "utf8"))).toEqual(before);
    expect(existsSync(`${main}/kept/.git/hooks`)).toBe(true);
  });

  test("and works with the rest as before: what it may write it writes, what git shows it shows", async () => {
    const main = `${base}/main`;
    git(main, "submodule", "--quiet", "add", `${base}/library`, "library");
    git(main, "commit", "-qm", "with another");
    const script =
      "echo new >file; echo new >library/file; mkdir library/d; mv library/file library/d; git diff --stat; git -C library status -s; git log --oneline | wc -l";
    const { stdout, stderr } = await sh(main, script);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/ file {4}\| 2 \+-[\s\S]* D file\n\?\? d\/\n2\n$/);
  });
});
