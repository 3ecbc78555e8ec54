import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type OpenHost, openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

type Client = Awaited<ReturnType<OpenHost["client"]>>;

/** What a client has been told since the last time it was asked, by watches; names are relative to a folder. */
function listen(client: Client, folder: string) {
  let told: [string, readonly string[]][] = [];
  client.on("fs/changed", ({ watchId, changedPaths }) => {
    told.push([watchId, changedPaths.map((path) => path.slice(folder.length))]);
  });
  return async (...watchIds: string[]): Promise<Record<string, readonly string[]>> => {
    await until(() => watchIds.every((id) => told.some(([watchId]) => watchId === id)));
    const all = Object.fromEntries(told);
    told = [];
    return all;
  };
}

describe("a client that watches", () => {
  test("a folder is told what changes right in it, together and sorted", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const next = listen(client, host.cwd);
    mkdirSync(join(host.cwd, "d"));
    expect(await client.fs.watch({ watchId: "w", path: `${host.cwd}/d/..` })).toEqual({ path: host.cwd });
    for (const name of ["m3", "m1", "m2"]) writeFileSync(join(host.cwd, name), "");
    expect(await next("w")).toEqual({ w: ["/m1", "/m2", "/m3"] });
    writeFileSync(join(host.cwd, "d", "deep"), "");
    renameSync(join(host.cwd, "m1"), join(host.cwd, "m4"));
    expect(await next("w")).toEqual({ w: ["/m1", "/m4"] });
  });

  test("a file is told of it through a replacement, a removal and another beginning", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const next = listen(client, host.cwd);
    const path = join(host.cwd, "f");
    writeFileSync(path, "1");
    await client.fs.watch({ watchId: "f", path });
    appendFileSync(path, "2");
    expect(await next("f")).toEqual({ f: ["/f"] });
    writeFileSync(join(host.cwd, "other"), "3");
    renameSync(join(host.cwd, "other"), path);
    expect(await next("f")).toEqual({ f: ["/f"] });
    appendFileSync(path, "4");
    expect(await next("f")).toEqual({ f: ["/f"] });
    rmSync(path);
    expect(await next("f")).toEqual({ f: ["/f"] });
    writeFileSync(path, "5");
    expect(await next("f")).toEqual({ f: ["/f"] });
  });

  test("what is not there is told when it comes, goes, and comes again, however deep it is", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const next = listen(client, host.cwd);
    const path = join(host.cwd, "a", "b", "c");
    expect(await client.fs.watch({ watchId: "n", path })).toEqual({ path });
    mkdirSync(join(host.cwd, "a"));
    mkdirSync(join(host.cwd, "a", "b"));
    writeFileSync(path, "1");
    expect(await next("n")).toEqual({ n: ["/a/b/c"] });
    rmSync(join(host.cwd, "a"), { recursive: true });
    expect(await next("n")).toEqual({ n: ["/a/b/c"] });
    mkdirSync(join(host.cwd, "a", "b"), { recursive: true });
    writeFileSync(path, "2");
    expect(await next("n")).toEqual({ n: ["/a/b/c"] });
  });

  test("under an id has it for itself, until it ends the watch", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await using other = await host.client();
    const next = listen(client, host.cwd);
    const path = host.cwd;
    await client.fs.watch({ watchId: "w", path });
    expect(await refusalOf(client.call("fs/watch", { watchId: "w", path: "/" }))).toEqual({
      code: -32600,
      message: "watchId already exists: w",
    });
    expect(await other.fs.watch({ watchId: "w", path })).toEqual({ path });
    expect(await refusalOf(client.call("fs/watch", { watchId: "r", path: "x" }))).toEqual({
      code: -32600,
      message: "Invalid request: AbsolutePathBuf deserialized without a base path",
    });
    await client.fs.watch({ watchId: "last", path });
    expect(await client.fs.unwatch({ watchId: "w" })).toEqual({});
    expect(await client.fs.unwatch({ watchId: "nothing" })).toEqual({});
    writeFileSync(join(path, "new"), "");
    expect(await next("last")).toEqual({ last: ["/new"] });
    // The id is free again.
    expect(await client.fs.watch({ watchId: "w", path })).toEqual({ path });
  });

  test("the same as others do costs no more than one, and ends with the last of them", async () => {
    await using host = await openHost();
    await using last = await host.client();
    const path = host.cwd;
    const next = listen(last, path);
    // More than an executor has.
    const clients = await Promise.all(Array.from({ length: 40 }, () => host.client()));
    for (const client of clients) await client.fs.watch({ watchId: "w", path });
    await last.fs.watch({ watchId: "w", path });
    for (const client of clients) await client.close();
    writeFileSync(join(path, "new"), "");
    expect(await next("w")).toEqual({ w: ["/new"] });
    // A path of its own is one more.
    const folders = Array.from({ length: 40 }, (_, index) => join(path, String(index)));
    for (const folder of folders) mkdirSync(folder);
    const begun = await Promise.allSettled(folders.map((folder) => last.fs.watch({ watchId: folder, path: folder })));
    const refused = begun.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(refused.length).toBe(40 - 31);
    expect(refused[0]).toMatchObject({ message: expect.stringMatching(/32/) });
  });
});
