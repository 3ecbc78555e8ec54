import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { systemClock } from "@holdfast/rpc";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { findUser } from "../../src/platform/system-user.ts";
import { spawnAsUser } from "../../src/process/index.ts";
import { resolveUser } from "../../src/start/as-user.ts";
import { Recording } from "../process/recording.ts";
import { base64, Line } from "../wire/line.ts";

const isSuperuser = process.geteuid?.() === 0;
const NOBODY = "nobody";
const INVALID_PARAMS = -32602;

interface Started {
  readonly holdfast: { readonly pid: number };
}

function start(line: Line, argv: readonly string[], more: object = {}): Promise<Started> {
  return line.start("p", argv, { holdfast: { user: NOBODY }, ...more }) as Promise<Started>;
}

async function run(line: Line, script: string, more: object = {}): Promise<string> {
  await start(line, ["sh", "-c", script], more);
  await line.when(() => line.isClosed("p"));
  return line.text("p");
}

function exitOf(line: Line): unknown {
  return line.of("p").find(({ method }) => method === "process/exited")?.params.exitCode;
}

/** A folder that everybody may enter. */
async function openFolder(): Promise<TempDir> {
  const folder = await tempDir();
  chmodSync(folder.path, 0o755);
  return folder;
}

/** A line of `/proc/PID/status`, word by word. */
function statusOf(text: string, name: string): readonly string[] {
  return (new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "").trim().split(/\s+/);
}

describe.skipIf(!isSuperuser)("a command of another user", () => {
  test.each([{}, { tty: true }, { tty: true, arg0: "shell" }, { pipeStdin: true }])(
    "has that user's ids alone, and no capability, with %j",
    async (more) => {
      await using line = await Line.ready();
      const nobody = await findUser(NOBODY);
      const status = await run(line, "cat /proc/$$/status", more);
      const [uid, gid] = [String(nobody?.uid), String(nobody?.gid)];
      expect(statusOf(status, "Uid")).toEqual([uid, uid, uid, uid]);
      expect(statusOf(status, "Gid")).toEqual([gid, gid, gid, gid]);
      expect(statusOf(status, "Groups")).toEqual(nobody?.groups.map(String));
      for (const name of ["CapInh", "CapPrm", "CapEff", "CapAmb"]) {
        expect(Number.parseInt(statusOf(status, name)[0] ?? "", 16), name).toBe(0);
      }
      expect(exitOf(line)).toBe(0);
    },
  );

  test("is who `id` says", async () => {
    await using line = await Line.ready();
    expect(await run(line, "id")).toBe(execFileSync("id", [NOBODY], { encoding: "utf8" }));
  });

  test("may be named by the digits of the id", async () => {
    await using line = await Line.ready();
    const user = String((await findUser(NOBODY))?.uid);
    expect(await run(line, "id -un", { holdfast: { user } })).toBe("nobody\n");
  });

  test("has all groups of the user and none of the executor's", async () => {
    const recording = new Recording(false);
    const user = { name: "several", uid: 65_534, gid: 65_534, groups: [65_534, 4, 24], home: "/", shell: "/bin/sh" };
    const request = {
      argv: ["cat", "/proc/self/status"],
      arg0: undefined,
      cwd: Buffer.from("/"),
      env: { PATH: "/usr/bin:/bin" },
    };
    const terms = { tty: false, input: "null", delay: systemClock } as const;
    recording.process.adopt(await spawnAsUser(request, user, terms, recording.process.events));
    await recording.closed;
    expect(statusOf(recording.text(), "Groups")).toEqual(["4", "24", "65534"]);
    expect(statusOf(recording.text(), "Gid")).toEqual(["65534", "65534", "65534", "65534"]);
  });

  test("can not take the superuser's rights back, nor read what is the superuser's", async () => {
    await using folder = await openFolder();
    writeFileSync(folder.join("secret"), "secret", { mode: 0o600 });
    await using line = await Line.ready();
    const python =
      "import os\nfor f in (os.setuid, os.seteuid, os.setgid):\n  try: f(0); print('root')\n  except PermissionError: print('no')";
    const script = `cat ${folder.join("secret")} 2>&1; python3 -c "${python}"; ls /proc/self/fd | tr '\\n' ' '`;
    const output = await run(line, script);
    expect(output).toContain("Permission denied");
    expect(output).not.toMatch(/secret$|root/m);
    // The three that it was given, and the one that `ls` looks with.
    expect(output).toMatch(/no\nno\nno\n0 1 2 3 $/);
  });

  test("has the variables that name the user, unless the client gave others", async () => {
    await using line = await Line.ready();
    const nobody = await findUser(NOBODY);
    const show = 'echo "$HOME $USER $LOGNAME $SHELL"';
    const envPolicy = {
      inherit: "all",
      ignoreDefaultExcludes: true,
      exclude: [],
      set: { USER: "given" },
      includeOnly: [],
    };
    expect(await run(line, show, { envPolicy, env: { PATH: "/usr/bin:/bin", SHELL: "/bin/given" } })).toBe(
      `${nobody?.home} given nobody /bin/given\n`,
    );
  });

  test("can open its streams and its terminal by name", async () => {
    await using line = await Line.ready();
    expect(await run(line, "echo out >/dev/stdout; echo err >/dev/stderr")).toBe("out\nerr\n");
    const other = await Line.ready({}, line.executor);
    expect(await run(other, 'stat -c %U "$(tty)"; echo typed >"$(tty)"; stty size', { tty: true })).toBe(
      "nobody\r\ntyped\r\n24 80\r\n",
    );
  });

  test("reads its input, takes signals, tells its id, and is ended like any other", async () => {
    await using line = await Line.ready();
    const { pid } = (await start(line, ["sh", "-c", "echo $$; cat; sleep 600"], { pipeStdin: true })).holdfast;
    await line.call("process/write", { processId: "p", writeId: "1", chunk: base64("hello\n") });
    await line.call("holdfast/closeStdin", { processId: "p" });
    await line.when(() => line.text("p") === `${pid}\nhello\n`);
    expect(await line.call("holdfast/signalProcess", { processId: "p", signal: "SIGTERM" })).toEqual({
      delivered: true,
    });
    await line.when(() => line.isClosed("p"));
    expect(exitOf(line)).toBe(143);
  });

  test("loses nothing when it ends at once, a hundred at a time", async () => {
    await using line = await Line.ready();
    const ids = Array.from({ length: 100 }, (_, index) => `p${index}`);
    await Promise.all(ids.map((id) => line.start(id, ["echo", id], { holdfast: { user: NOBODY } })));
    await line.when(() => ids.every((id) => line.isClosed(id)));
    for (const id of ids) {
      expect(line.text(id)).toBe(`${id}\n`);
      expect(line.seqs(id)).toEqual([1, 2, 3]);
    }
    expect(readFileSync("/proc/self/status", "utf8")).toMatch(/^Uid:\s+0\s+0\s+0\s+0$/m);
  });

  test("is refused what the user may not enter or run, and nothing is run", async () => {
    await using folder = await openFolder();
    await using closed = await tempDir();
    chmodSync(closed.path, 0o700);
    await using line = await Line.ready();
    const cwd = `file://${closed.path}`;
    await expect(start(line, ["true"], { cwd })).rejects.toMatchObject({
      message: expect.stringContaining("Permission denied"),
      data: { member: "cwd" },
    });
    writeFileSync(folder.join("mine"), "#!/bin/sh\necho ran", { mode: 0o700 });
    await expect(start(line, [folder.join("mine")])).rejects.toMatchObject({
      message: expect.stringContaining("Permission denied"),
      data: { member: "argv" },
    });
    await expect(start(line, ["no-such-program"])).rejects.toMatchObject({
      message: expect.stringContaining("No such file or directory"),
      data: { member: "argv" },
    });
    writeFileSync(folder.join("text"), "no program", { mode: 0o755 });
    await expect(start(line, [folder.join("text")])).rejects.toThrow("Exec format error");
    await expect(start(line, ["echo", "a\0b"])).rejects.toThrow("nul byte");
    expect(line.notices).toEqual([]);
    expect(await run(line, "echo $0")).toBe("sh\n");
  });

  test("is refused under a sandbox, and by a name that nobody has", async () => {
    await using line = await Line.ready();
    const sandbox = {
      permissions: { type: "disabled" },
      cwd: "file:///",
      workspaceRoots: [],
      windowsSandboxLevel: "disabled",
    };
    await expect(start(line, ["true"], { sandbox })).rejects.toMatchObject({
      code: INVALID_PARAMS,
      message: "`holdfast.user` can't be used with `sandbox`: confined commands run as the executor's own user",
    });
    for (const user of ["no-such-user", "", "4294967295", "99999999999", "root\0x", "-1"]) {
      await expect(start(line, ["true"], { holdfast: { user } })).rejects.toMatchObject({
        code: INVALID_PARAMS,
        message: `\`holdfast.user\`: there is no user ${JSON.stringify(user)} on this machine`,
      });
    }
  });

  test("may be the superuser's own", async () => {
    await using line = await Line.ready();
    expect(await run(line, "id -u; echo $HOME", { holdfast: { user: "root" } })).toBe("0\n/root\n");
  });
});

describe("an executor that is not the superuser's", () => {
  test("starts commands as its own user only", async () => {
    const nobody = await findUser(NOBODY);
    const given = new Set<string>();
    expect(await resolveUser({ name: NOBODY, given }, findUser, nobody?.uid)).toMatchObject({ isOwn: true });
    await expect(resolveUser({ name: "root", given }, findUser, nobody?.uid)).rejects.toThrow(
      `only the superuser starts commands as another user, and this executor runs with user id ${nobody?.uid}`,
    );
  });
});
