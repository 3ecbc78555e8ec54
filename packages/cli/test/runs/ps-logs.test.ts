import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines } from "../support/cli.ts";
import { type RunsPlace, runsPlace, statesOf } from "../support/runs.ts";

function folderOf(place: RunsPlace): string {
  return place.folder.join("holdfast/runs");
}

describe("logs", () => {
  test("prints what there is, each stream to its own, and leaves the run running", async () => {
    await using place = await runsPlace();
    const id = await place.detach(`echo out; echo err >&2; touch ${place.folder.join("done")}; sleep 60`);
    await until(() => existsSync(place.folder.join("done")));
    for (let time = 0; time < 2; time += 1) {
      const { code, stdout, stderr } = await holdfast(["logs", id.slice(0, 5)], { env: place.env });
      expect({ code, out: stdout.toString(), stderr }).toEqual({ code: 0, out: "out\n", stderr: "err\n" });
    }
    expect(await statesOf(place)).toEqual({ [id]: "running" });
  });

  test("--json is a line for each piece and for the end, and of exec --detach the ID", async () => {
    await using place = await runsPlace();
    const args = ["exec", "--detach", "--json", "--url", place.url, "--", "sh", "-c", "echo out; exit 5"];
    const { stdout } = await holdfast(args, { env: place.env });
    const { id, url } = JSON.parse(stdout.toString());
    expect(url).toBe(new URL(place.url).href);
    await until(async () => (await statesOf(place))[id] === "exited 5");
    const logs = await holdfast(["logs", "--json", id], { env: place.env });
    expect(lines(logs.stdout.toString()).map((line) => JSON.parse(line))).toEqual([
      { type: "output", seq: 1, stream: "stdout", base64: Buffer.from("out\n").toString("base64") },
      { type: "exited", seq: expect.any(Number), exitCode: 5 },
      { type: "closed", seq: 3 },
    ]);
  });

  test("of a run that has printed nothing yet is nothing", async () => {
    await using place = await runsPlace();
    const id = await place.detach("sleep 60");
    const { code, stdout } = await holdfast(["logs", id], { env: place.env });
    expect([code, stdout.length]).toEqual([0, 0]);
  });

  test("-f goes on to the end, and exits with 0 whatever the run does", async () => {
    await using place = await runsPlace();
    const id = await place.detach(
      `echo one; until [ -e ${place.folder.join("go")} ]; do sleep 0.02; done; echo two; exit 5`,
    );
    await using cli = new Cli(["logs", "-f", id], { env: place.env });
    await until(() => cli.stdout.toString() === "one\n");
    await writeFile(place.folder.join("go"), "");
    const { code, stdout } = await cli.result();
    expect([code, stdout.toString()]).toEqual([0, "one\ntwo\n"]);
    expect(await statesOf(place)).toEqual({ [id]: "exited 5" });
    const after = await holdfast(["logs", id], { env: place.env });
    expect(after.stdout.toString()).toBe("one\ntwo\n");
  });

  test("SIGINT of logs -f does not touch the run", async () => {
    await using place = await runsPlace();
    const id = await place.detach("echo on; sleep 60");
    await using cli = new Cli(["logs", "-f", id], { env: place.env });
    await until(() => cli.stdout.toString() === "on\n");
    cli.child.kill("SIGINT");
    await cli.result();
    await until(async () => (await statesOf(place))[id] === "running");
  });

  test("fails clearly while somebody is attached", async () => {
    await using place = await runsPlace();
    const id = await place.detach("echo on; sleep 60");
    await using cli = new Cli(["attach", id], { env: place.env });
    await until(() => cli.stdout.toString() === "on\n");
    const { code, stderr } = await holdfast(["logs", id], { env: place.env });
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([expect.stringMatching(/^holdfast logs: another client is attached to run/)]);
  });
});

describe("ps", () => {
  test("knows every state, and lists a run that is gone only once", { timeout: 90_000 }, async () => {
    await using place = await runsPlace();
    const running = await place.detach("sleep 60");
    const exited = await place.detach("exit 6");
    await until(async () => (await statesOf(place))[exited] === "exited 6");
    const elsewhere = await place.detach("echo on; sleep 60");
    await using cli = new Cli(["attach", elsewhere], { env: place.env });
    await until(() => cli.stdout.toString() === "on\n");
    const record = { argv: ["x"], cwd: null, startedAt: "2026-01-02T03:04:05.000Z" };
    await putRecord(place, { ...record, id: "gone-run", url: place.url });
    await putRecord(place, { ...record, id: "far-run-1", url: "ws://127.0.0.1:1" });
    await putRecord(place, { ...record, id: "far-run-2", url: "ws://127.0.0.1:1" });
    const others = {
      [running]: "running",
      [exited]: "exited 6",
      [elsewhere]: "attached elsewhere",
      "far-run-1": "unreachable",
      "far-run-2": "unreachable",
    };
    expect(await statesOf(place)).toEqual({ ...others, "gone-run": "gone" });
    expect(await statesOf(place)).toEqual(others);
  });

  test("an executor that takes connections and says nothing is unreachable, and keeps no other run from its answer", async () => {
    await using place = await runsPlace();
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket.on("error", () => {}))).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const record = { url, argv: ["x"], cwd: null, startedAt: "2026-01-02T03:04:05.000Z" };
    await putRecord(place, { ...record, id: "mute-1" });
    await putRecord(place, { ...record, id: "mute-2" });
    const running = await place.detach("sleep 60");
    expect(await statesOf(place)).toEqual({ [running]: "running", "mute-1": "unreachable", "mute-2": "unreachable" });
    expect(sockets.size).toBe(1);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test("prints a table without what could steer a terminal", async () => {
    await using place = await runsPlace();
    const id = await place.detach("true; : \u001b[31m");
    const { stdout } = await holdfast(["ps"], { env: place.env });
    const [heading, row, ...rest] = lines(stdout.toString());
    expect(heading).toMatch(/^ID +URL +COMMAND +STARTED +STATE$/);
    expect(row).toContain(id.slice(0, 8));
    expect(row).toContain("sh -c true; : \\u001b[31m");
    expect(rest).toEqual([]);
  });

  test("lists nothing where nothing was ever left running", async () => {
    await using place = await runsPlace();
    expect(await statesOf(place)).toEqual({});
    expect(lines((await holdfast(["ps"], { env: place.env })).stdout.toString())).toHaveLength(1);
  });
});

describe("the records", () => {
  test("are for their owner only, and hold what it takes to come back", async () => {
    await using place = await runsPlace();
    await mkdir(folderOf(place), { recursive: true, mode: 0o755 });
    await chmod(folderOf(place), 0o755);
    const id = await place.detach("true", ["--cwd", "/tmp"]);
    expect((await stat(folderOf(place))).mode & 0o777).toBe(0o700);
    const path = join(folderOf(place), `${id}.json`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folderOf(place))).toEqual([`${id}.json`]);
    const { stdout } = await holdfast(["ps", "--json"], { env: place.env });
    expect(JSON.parse(stdout.toString())).toMatchObject([
      { id, url: new URL(place.url).href, argv: ["sh", "-c", "true"], cwd: "file:///tmp" },
    ]);
  });

  test("that are none are told and passed over", async () => {
    await using place = await runsPlace();
    const id = await place.detach("exit 2");
    const folder = folderOf(place);
    const good = { id: "abcd", url: place.url, argv: ["x"], cwd: null, startedAt: "2026-01-02T03:04:05.000Z" };
    const bad: Record<string, string> = {
      "garbage.json": "{{{",
      "empty.json": "",
      "null.json": "null",
      "array.json": "[]",
      "other-name.json": JSON.stringify(good),
      "..abcd.json": JSON.stringify({ ...good, id: "../abcd" }),
      "url1.json": JSON.stringify({ ...good, id: "url1", url: "file:///etc/passwd" }),
      "argv.json": JSON.stringify({ ...good, id: "argv", argv: "x" }),
      "date.json": JSON.stringify({ ...good, id: "date", startedAt: "soon" }),
    };
    for (const [name, content] of Object.entries(bad)) await writeFile(join(folder, name), content);
    await mkdir(join(folder, "folder.json"));
    await chmod(join(folder, `${id}.json`), 0o644);
    const { code, stdout, stderr } = await holdfast(["ps", "--json"], { env: place.env });
    expect(code).toBe(0);
    expect((JSON.parse(stdout.toString()) as { id: string }[]).map((run) => run.id)).toEqual([id]);
    // One whose name begins with a dot is on its way.
    expect(lines(stderr)).toHaveLength(Object.keys(bad).length);
    expect((await holdfast(["attach", id.slice(0, 4)], { env: place.env })).code).toBe(2);
  });

  test.each([
    [["attach", "abc"], 255, "at least 4 characters"],
    [["attach"], 255, "missing argument ID"],
    [["attach", "nowhere"], 255, "no run nowhere is recorded here"],
    [["logs", "abc"], 2, "at least 4 characters"],
    [["logs", "nowhere"], 1, "no run nowhere is recorded here"],
    [["attach", "same"], 255, "same begins 2 runs"],
    [["attach", "same-1", "--url", "http://x"], 255, "must be a ws://, wss://, unix://, ssh:// or relay+https:// URL"],
  ])("%j: %i, %s", async (args, expected, text) => {
    await using place = await runsPlace();
    const record = { url: place.url, argv: ["x"], cwd: null, startedAt: "2026-01-02T03:04:05.000Z" };
    for (const id of ["same-1", "same-2"]) await putRecord(place, { ...record, id });
    const { code, stderr } = await holdfast(args, { env: place.env });
    expect(code).toBe(expected);
    expect(lines(stderr)).toEqual([expect.stringContaining(text)]);
  });
});

async function putRecord(place: RunsPlace, record: { readonly id: string; readonly url: string }): Promise<void> {
  await mkdir(folderOf(place), { recursive: true });
  await writeFile(join(folderOf(place), `${record.id}.json`), JSON.stringify(record));
}
