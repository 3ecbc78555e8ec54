import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { farProgram } from "holdfast/far-program";
import { describe, expect, test } from "vitest";
import { BIN, everyByte, holdfast, lines } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";
import { farBox, WAYS, type Way } from "../support/far-box.ts";

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function cases(way: Way): void {
  test("the first command puts the program there, for this user alone, and the second finds it", async () => {
    await using box = await farBox(way);
    const first = await holdfast(["exec", "--", "sh", "-c", "cat; pwd; echo err >&2; exit 7"], {
      env: box.env,
      stdin: "hello\n",
    });
    expect(first).toMatchObject({ code: 7, stderr: "err\n" });
    expect(lines(first.stdout.toString())).toEqual(["hello", box.home().replace(/\/$/, "")]);
    const cache = box.home(".cache/holdfast");
    expect(readdirSync(cache)).toEqual([farProgram.build]);
    const [program, own] = [lstatSync(`${cache}/${farProgram.build}`), lstatSync(cache)];
    expect([program.mode & 0o777, own.mode & 0o777]).toEqual([0o700, 0o700]);
    const second = await holdfast(["exec", "--", "echo", "again"], { env: box.env });
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(lstatSync(`${cache}/${farProgram.build}`).ino).toBe(program.ino);
    expect(box.executors().length).toBe(1);
  });

  test("64 MiB of output arrive, and what goes there comes back, byte for byte", async () => {
    await using box = await farBox(way);
    const script = 'head -c 67108864 /dev/urandom >"$HOME/bytes"; cat "$HOME/bytes"';
    const { code, stdout } = await holdfast(["exec", "--", "sh", "-c", script], { env: box.env });
    expect(code).toBe(0);
    expect(stdout.length).toBe(67_108_864);
    expect(sha256(stdout)).toBe(sha256(readFileSync(box.home("bytes"))));
    const input = everyByte(8 * 1_048_576);
    const back = await holdfast(["exec", "--", "cat"], { env: box.env, stdin: input });
    expect(sha256(back.stdout)).toBe(sha256(input));
  });

  test("files and folders are copied both ways", async () => {
    await using box = await farBox(way);
    await using here = await tempDir();
    mkdirSync(here.join("tree/sub"), { recursive: true });
    writeFileSync(here.join("tree/one"), everyByte(3_000_000));
    writeFileSync(here.join("tree/sub/two"), "two");
    symlinkSync("sub/two", here.join("tree/link"));
    const copy = async (...words: string[]) =>
      expect(await holdfast(["cp", ...words], { env: box.env })).toMatchObject({ code: 0 });
    await copy(here.join("tree/one"), "remote:one");
    await copy("-r", here.join("tree"), "remote:tree");
    await copy("remote:one", here.join("back"));
    await copy("-r", "remote:tree", here.join("back-tree"));
    const one = readFileSync(here.join("tree/one"));
    expect(readFileSync(box.home("one")).equals(one)).toBe(true);
    expect(readFileSync(here.join("back")).equals(one)).toBe(true);
    expect(readFileSync(here.join("back-tree/one")).equals(one)).toBe(true);
    expect(readFileSync(here.join("back-tree/link"), "utf8")).toBe("two");
  });

  test("a command gets a terminal", async () => {
    await using box = await farBox(way);
    const { code, stdout } = await holdfast(
      ["exec", "--tty", "--", "sh", "-c", "test -t 0 && test -t 1 && stty size"],
      {
        env: box.env,
      },
    );
    expect([code, stdout.toString()]).toEqual([0, "24 80\r\n"]);
  });

  test("an SDK connects to it, and its processes outlive its connection", async () => {
    await using box = await farBox(way);
    const command = box.ssh.split(" ");
    await using executor = await connect({ ssh: "ssh://box", command, program: farProgram });
    expect(await executor.run(["echo", "hi"])).toMatchObject({ stdout: "hi\n", exitCode: 0 });
    await executor.fs.writeFile(box.home("note"), "text");
    expect(readFileSync(box.home("note"), "utf8")).toBe("text");
  });

  test.runIf(unconfinable === undefined)(
    `a confined command reaches neither the executor nor what it runs from${skipped}`,
    async () => {
      await using box = await farBox(way);
      expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
      const [run = ""] = readdirSync(box.home(".local/state/holdfast/run"));
      const socket = box.home(`.local/state/holdfast/run/${run}/${farProgram.build}.sock`);
      expect(existsSync(socket)).toBe(true);
      const program = box.home(`.cache/holdfast/${farProgram.build}`);
      const attack = [
        `touch "$HOME/allowed" || echo "the home can not be written"`,
        `echo x >"${program}/bin/holdfast.mjs"`,
        `mv "${program}" "${program}.away"`,
        `mkdir "$HOME/.cache/holdfast/another"`,
        `mv "$HOME/.cache/holdfast" "$HOME/.cache/away"`,
        `mv "$HOME/.cache" "$HOME/cache-away" && echo moved`,
        `mv "$HOME/.local" "$HOME/local-away" && echo moved`,
        `node -e 'require("net").connect(${JSON.stringify(socket)}).on("connect", () => console.log("reached")).on("error", () => {})'`,
        `mv "$HOME/.local/state/holdfast" "$HOME/.local/state/away" && echo moved`,
        `rm -f "${socket}" && test -e "${socket}" || echo "no socket is seen"`,
      ];
      const args = ["exec", "--sandbox", "workspace-write", "--cwd", box.home(), "--", "sh", "-c", attack.join("\n")];
      const { stdout } = await holdfast(args, { env: box.env });
      expect(lines(stdout.toString())).toEqual(["no socket is seen"]);
      expect(existsSync(box.home("allowed"))).toBe(true);
      expect(existsSync(socket)).toBe(true);
      expect(readFileSync(`${program}/bin/holdfast.mjs`).equals(readFileSync(BIN))).toBe(true);
      expect(readdirSync(box.home(".cache/holdfast"))).toEqual([farProgram.build]);
      expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
    },
  );
}

describe.each(WAYS.slice(0, 1))("on a machine with Node and nothing else, by %s", cases);
describe.each(WAYS.slice(1))("on a machine with Node and nothing else, by %s", { tags: "long" }, cases);

describe("the program that is there", () => {
  const [way = "a program like ssh"] = WAYS.slice(-1);

  test("is one in PATH that goes with the client's, and then nothing is put there", async () => {
    await using box = await farBox(way, {
      programs: { holdfast: [`exec "${process.execPath}" "${BIN}" "$@"`] },
    });
    expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(box.home(".cache/holdfast"))).toEqual([]);
  });

  test.each([
    ["older, and does not know how to be one", ["echo 'unknown command proxy' >&2", "exit 2"]],
    [
      "of another line of releases",
      [`case " $* " in *" --for "*) exec "${process.execPath}" "${BIN}" proxy --for 7.0.0;; esac`],
    ],
  ])("is put beside one in PATH that is %s", async (_what, holdfastThere) => {
    await using box = await farBox(way, {
      programs: { holdfast: holdfastThere, node: [`exec "${process.execPath}" "$@"`] },
    });
    expect(await holdfast(["exec", "--", "echo", "hi"], { env: box.env })).toMatchObject({ code: 0 });
    expect(existsSync(box.home(`.cache/holdfast/${farProgram.build}`))).toBe(true);
  });

  test("is whole when two put it there at once, and both use the same executor", async () => {
    await using box = await farBox(way);
    const commands = [1, 2, 3].map((n) => holdfast(["exec", "--", "echo", String(n)], { env: box.env }));
    const results = await Promise.all(commands);
    expect(results.map(({ code, stdout }) => [code, stdout.toString()])).toEqual([
      [0, "1\n"],
      [0, "2\n"],
      [0, "3\n"],
    ]);
    expect(readdirSync(box.home(".cache/holdfast"))).toEqual([farProgram.build]);
    await until(() => box.executors().length === 1);
  });

  test("is put there anew, once, when its Node is gone", async () => {
    await using box = await farBox(way);
    const works = async () =>
      expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
    await works();
    const place = box.home(`.cache/holdfast/${farProgram.build}`);
    writeFileSync(`${place}/node`, "/no/such/node\n");
    const { ino } = lstatSync(place);
    await works();
    const anew = lstatSync(place);
    expect(anew.ino).not.toBe(ino);
    expect(readFileSync(`${place}/node`, "utf8")).not.toContain("/no/such");
    await works();
    expect(lstatSync(place).ino).toBe(anew.ino);
    expect(readdirSync(box.home(".cache/holdfast"))).toEqual([farProgram.build]);
  });

  test("is put there without native parts where those for the machine are not installed here", async () => {
    const node = `case "$1" in -p) echo linux,riscv64,1;; *) exec '${process.execPath}' "$@";; esac`;
    await using box = await farBox(way, { programs: { node: [node] } });
    const exec = (...words: string[]) => holdfast(["exec", ...words], { env: box.env });
    expect(await exec("--", "sh", "-c", "echo hi; exit 3")).toMatchObject({ code: 3, stderr: "" });
    const [build = ""] = readdirSync(box.home(".cache/holdfast"));
    expect(build).toBe(`${farProgram.build}-plain`);
    const { ino } = lstatSync(box.home(`.cache/holdfast/${build}`));
    // What they are for is refused by name.
    const missing = `@koromix/koffi-linux-${process.arch} is needed beside this program`;
    expect(await exec("--sandbox", "workspace-write", "--cwd", box.home(), "--", "true")).toMatchObject({
      code: 255,
      stderr: expect.stringContaining(missing),
    });
    expect(await exec("--tty", "--", "true")).toMatchObject({
      code: 255,
      stderr: expect.stringContaining(`without the package @lydell/node-pty-linux-${process.arch} beside this program`),
    });
    expect(lstatSync(box.home(`.cache/holdfast/${build}`)).ino).toBe(ino);
    expect(box.executors().length).toBe(1);
    // A client that has them puts a whole one beside it.
    writeFileSync(box.home("../bin/node"), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    expect(await exec("--tty", "--", "true")).toMatchObject({ code: 0 });
    expect(readdirSync(box.home(".cache/holdfast")).sort()).toEqual([farProgram.build, build]);
  });

  test("takes away releases that nobody used for long, and what a broken installation left, and no others", async () => {
    await using box = await farBox(way);
    const cache = box.home(".cache/holdfast");
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const daysOld = (name: string, days: number): void => {
      mkdirSync(`${cache}/${name}/bin`, { recursive: true, mode: 0o700 });
      const then = Date.now() / 1_000 - days * 86_400;
      utimesSync(`${cache}/${name}`, then, then);
    };
    daysOld("0.0.1-old", 15);
    daysOld("0.0.2-used", 13);
    daysOld(".new-left", 1);
    daysOld(".new-now", 0);
    expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
    expect(readdirSync(cache).sort()).toEqual([".new-now", "0.0.2-used", farProgram.build].sort());
  });

  test("is marked as used by each command", async () => {
    await using box = await farBox(way);
    expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
    const place = box.home(`.cache/holdfast/${farProgram.build}`);
    utimesSync(place, 1, 1);
    expect(await holdfast(["exec", "--", "true"], { env: box.env })).toMatchObject({ code: 0 });
    expect(statSync(place).mtimeMs).toBeGreaterThan(Date.now() - 600_000);
  });
});
