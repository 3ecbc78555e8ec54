import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { missingForSsh, mountSmallDisk, tempDir } from "@holdfast/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { type CliResult, holdfast, lines } from "../support/cli.ts";
import { type FarBoxOptions, farBox } from "../support/far-box.ts";

/** The time that a person waits at most, milliseconds. */
const PATIENCE_MS = 15_000;

async function infoOf(env: Readonly<Record<string, string>>): Promise<CliResult & { readonly line: string }> {
  const begin = performance.now();
  const result = await holdfast(["info"], { env: { HOLDFAST_URL: "ssh://box", ...env } });
  expect(performance.now() - begin).toBeLessThan(PATIENCE_MS);
  const told = lines(result.stderr);
  expect([result.code, result.stdout.toString(), told.length]).toEqual([1, "", 1]);
  return { ...result, line: told[0] ?? "" };
}

describe.runIf(missingForSsh.length === 0)("what ssh can not do is told in one line, with what helps", () => {
  test("a host of no such name", async () => {
    await using box = await farBox("sshd");
    const { line } = await infoOf({ ...box.env, HOLDFAST_URL: "ssh://no-such-host.invalid" });
    expect(line).toMatch(
      /^holdfast info: cannot connect to ssh:\/\/no-such-host\.invalid: there is no host of that name; check it/,
    );
  });

  test("a port where nobody listens", async () => {
    await using box = await farBox("sshd", { client: { config: ["Port 1"] } });
    const { line } = await infoOf(box.env);
    expect(line).toContain("nobody listens there; is sshd running, and the port right?");
  });

  test("a host key that is not known", async () => {
    const config = ["StrictHostKeyChecking yes", "UserKnownHostsFile /dev/null"];
    await using box = await farBox("sshd", { client: { config } });
    const { line } = await infoOf(box.env);
    expect(line).toContain("its host key is not known here; run `ssh box` once, and compare the key that it shows");
  });

  test("a host key that is another one than before", async () => {
    await using folder = await tempDir();
    await using other = await farBox("sshd");
    // The key of another server under the name of this one.
    const known = folder.join("known");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.join("key")]);
    const config = ["StrictHostKeyChecking yes", "HostKeyAlias box", `UserKnownHostsFile ${known}`];
    await using box = await farBox("sshd", { client: { config } });
    writeFileSync(known, `box ${execFileSync("ssh-keygen", ["-y", "-f", folder.join("key")], { encoding: "utf8" })}`);
    const { line } = await infoOf(box.env);
    expect(line).toContain("its host key is not the one that is known: another machine may have taken its place");
    expect(line).toContain("`ssh-keygen -R box` forgets the old one");
    expect(other.ssh).not.toBe(box.ssh);
  });

  test("a key that is refused, and nobody is asked for a password", async () => {
    await using folder = await tempDir();
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.join("key")]);
    await using box = await farBox("sshd", { client: { config: [`IdentityFile ${folder.join("key")}`] } });
    // The right key is in the configuration as well.
    const { HOLDFAST_SSH: ssh = "" } = box.env;
    const { line } = await infoOf({ ...box.env, HOLDFAST_SSH: `${ssh} -l nobody-of-that-name` });
    expect(line).toContain(
      "it refuses the keys of this user; try `ssh box`, and `ssh-add` for a key with a passphrase",
    );
  });

  test("a configuration that is wrong", async () => {
    await using box = await farBox("sshd", { client: { config: ["NoSuchOption yes"] } });
    expect((await infoOf(box.env)).line).toContain("ssh does not accept its configuration; mend that");
  });

  test("a port of something else, that says nothing", async () => {
    const server = createServer(() => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using box = await farBox("sshd", { client: { config: [`Port ${port}`] } });
    const { line } = await infoOf(box.env);
    expect(line).toContain("connecting took longer than 10 s; try `ssh box true`, and see what it waits for");
    server.close();
  });

  test("a session that was refused", async () => {
    await using box = await farBox("sshd", { client: { config: ["RequestTTY no"] }, env: { SHELL: "/bin/sh" } });
    const { HOLDFAST_SSH: ssh = "" } = box.env;
    const { line } = await infoOf({ ...box.env, HOLDFAST_SSH: `${ssh} -o Ciphers=no-such-cipher` });
    expect(line).toMatch(/ssh failed; try `ssh box true` \(it said: .*|ssh does not accept its configuration/);
  });
});

describe("what is wrong here is told in one line", () => {
  test.each([
    ["no-such-ssh", "there is no ssh here"],
    ["false", "exited with code 1 before it said anything"],
    ["echo 'a line'; exit 0; :", "exited with code 0 before it said anything"],
    ["kill -9 $$; :", "was ended by SIGKILL"],
    ["cat /dev/zero | head -c 100000; :", "a line of more than 65536 bytes"],
    ["yes; :", "the login there prints more than 262144 bytes; keep its shell quiet where there is no terminal"],
  ])("%s", async (ssh, message) => {
    expect((await infoOf({ HOLDFAST_SSH: ssh })).line).toContain(message);
  });

  test("a URL that would be an option of ssh is no URL, and nothing is started", async () => {
    await using folder = await tempDir();
    const mark = folder.join("started");
    for (const url of [`ssh://-oProxyCommand=touch%20${mark}`, "ssh://-F@box", "ssh://me:secret@box", "ssh://box/x"]) {
      const { code, stderr } = await holdfast(["info", "--url", url], { env: { HOLDFAST_SSH: `touch '${mark}'; :` } });
      expect([code, lines(stderr).length]).toEqual([2, 1]);
      expect(stderr).not.toContain("secret");
    }
    expect(existsSync(mark)).toBe(false);
  });
});

describe("what is wrong there is told in one line", () => {
  const smallDisk = mountSmallDisk(1_024);
  afterAll(() => {
    if ("path" in smallDisk) smallDisk.unmount();
  });
  const lineOf = async (options: FarBoxOptions, spoil: (home: (path?: string) => string) => void = () => {}) => {
    await using box = await farBox("a program like ssh", options);
    spoil(box.home);
    const { line } = await infoOf(box.env);
    return { line, left: existsSync(box.home(".cache/holdfast")) ? readdirSync(box.home(".cache/holdfast")) : [] };
  };

  test("a Node that is too old, and no other", async () => {
    const programs = { node: ["echo v18.20.8"] };
    const { line } = await lineOf({ programs });
    // A machine may have a good one where everybody has it; then that one runs, and it is no error.
    expect(line).toMatch(
      /there is no Node 22\.15 or newer there \(only v18\.20\.8.*\); install one, where PATH, nvm, fnm, volta, mise or asdf has it/,
    );
  });

  test("a machine of another kind", async () => {
    const programs = { node: ['case "$1" in --version) echo v24.0.0;; *) echo sunos,sparc,0;; esac'] };
    const { line } = await lineOf({ programs });
    expect(line).toContain("that machine is sunos-sparc; Linux and macOS can be executors");
  });

  test("a machine whose kind is a path here is sent nothing of it", async () => {
    await using folder = await tempDir();
    mkdirSync(folder.join("project"));
    writeFileSync(folder.join("project/package.json"), "{}");
    writeFileSync(folder.join("project/secret.json"), '"secret"');
    // More steps up than any folder of packages is deep, and then down to it.
    const kind = `x,${"/..".repeat(40)}${folder.join("project")},1`;
    const hostile = [
      "#!/bin/sh",
      "for word; do script=$word; done",
      'marker=$(echo "$script" | grep -o "holdfast-[0-9a-f]\\{24\\}" | head -n 1)',
      `echo "$marker need ${kind}"`,
      `cat >'${folder.join("taken")}'`,
    ];
    writeFileSync(folder.join("hostile"), hostile.join("\n"), { mode: 0o755 });
    const { line } = await infoOf({ HOLDFAST_SSH: `'${folder.join("hostile")}'` });
    expect(line).toContain("and there is no such kind of machine");
    expect(existsSync(folder.join("taken")) ? readFileSync(folder.join("taken"), "utf8") : "").toBe("");
  });

  test("a Linux that is said to have another C library is sent the parts for that one", async () => {
    const node = `case "$1" in -p) echo linux,${process.arch},0;; *) exec '${process.execPath}' "$@";; esac`;
    const { line, left } = await lineOf({ programs: { node: [node] } });
    expect(line).toContain("the native parts of the program do not load there (");
    expect(left).toEqual([]);
  });

  test("a cache that is a link", async () => {
    const { line } = await lineOf({}, (home) => {
      mkdirSync(home(".cache"));
      mkdirSync(home("elsewhere"));
      symlinkSync(home("elsewhere"), home(".cache/holdfast"));
    });
    expect(line).toMatch(
      /\.cache\/holdfast there is a link, belongs to somebody else or is open to others.*; remove it/,
    );
  });

  test("a cache that can not be written", async () => {
    const { line } = await lineOf({}, (home) => writeFileSync(home(".cache"), ""));
    expect(line).toMatch(
      /the program can not be written there \(.*ENOTDIR.*\); mend that, or set XDG_CACHE_HOME there/,
    );
  });

  test("an archive that breaks off leaves nothing", async () => {
    await using box = await farBox("a program like ssh");
    const { line } = await infoOf({ HOLDFAST_SSH: `head -c 100000 | ${box.ssh}` });
    expect(line).toContain("cannot connect to ssh://box: ");
    expect(existsSync(box.home(".cache/holdfast"))).toBe(false);
  });

  test("an archive that is changed on its way is not used", async () => {
    await using box = await farBox("a program like ssh");
    // One bit of what is packed, far behind the text that unpacks it.
    const flip =
      "let n=0;process.stdin.on('data',(b)=>{const at=200000-n;n+=b.length;if(at>=0&&at<b.length)b[at]^=1;process.stdout.write(b)}).on('end',()=>process.stdout.end())";
    const { line } = await infoOf({ HOLDFAST_SSH: `'${process.execPath}' -e "${flip}" | ${box.ssh}` });
    expect(line).toContain("the program arrived damaged; try again");
    expect(existsSync(box.home(".cache/holdfast"))).toBe(false);
  });

  test.runIf("path" in smallDisk)(
    `a disk that is full, and nothing is left of the program${"reason" in smallDisk ? ` (skipped: ${smallDisk.reason})` : ""}`,
    async () => {
      const path = "path" in smallDisk ? smallDisk.path : "";
      const { line } = await lineOf({ env: { XDG_CACHE_HOME: path } });
      expect(line).toMatch(
        /the disk there is full, and the program does not fit on it \(.*ENOSPC.*\); make room, or set XDG_CACHE_HOME there/,
      );
      expect(readdirSync(`${path}/holdfast`)).toEqual([]);
    },
  );

  test.runIf("path" in smallDisk)(
    `a file system from which nothing may be run${"reason" in smallDisk ? ` (skipped: ${smallDisk.reason})` : ""}`,
    async () => {
      const path = "path" in smallDisk ? smallDisk.path : "";
      execFileSync("mount", ["-o", "remount,size=64m,noexec", path]);
      const { line } = await lineOf({ env: { XDG_CACHE_HOME: path } });
      expect(line).toMatch(
        /the native parts of the program do not load there \(.*\); a file system that is mounted noexec does that/,
      );
      expect(readdirSync(`${path}/holdfast`)).toEqual([]);
    },
  );
});

describe("what a login prints before", () => {
  test.each([
    ["lines", "echo 'Welcome!'; echo '{\"not\":\"ours\"}'; seq 1000"],
    ["a text without an end", "printf 'Welcome: '"],
    ["bytes that are no text", "head -c 5000 /dev/urandom | tr '\\n' x"],
    ["to stderr", "echo warning >&2"],
  ])("is passed over: %s", async (_what, login) => {
    await using box = await farBox("a program like ssh", { login });
    const { code, stdout } = await holdfast(["exec", "--", "echo", "hi"], { env: box.env });
    expect([code, stdout.toString()]).toEqual([0, "hi\n"]);
  });
});
