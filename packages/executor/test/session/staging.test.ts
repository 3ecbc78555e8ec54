import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { systemClock } from "@holdfast/rpc";
import { afterAll, describe, expect, test } from "vitest";
import { MAX_STAGED } from "../../src/filesystem/index.ts";
import { systemCalls } from "../../src/filesystem/os-calls.ts";
import { Staging } from "../../src/session/staging.ts";
import { TreeThreads } from "../../src/trees/index.ts";
import { callsWith, descriptorsBelow, faultOf, namesIn, tempFolder, watchedCalls } from "../filesystem/helpers.ts";

const trees = new TreeThreads(systemClock);

afterAll(() => trees.close());

function inside(within: string | undefined) {
  return { within, noFollowNames: 1 };
}

const NO_LINK = inside(undefined);
/** Permission bits by which a call knows the file that it is slow for. */
const SLOW_MODE = 0o641;

function text(content: string): Buffer {
  return Buffer.from(content);
}

describe.skipIf(process.platform !== "linux")("what a session has staged", () => {
  test("is put in place once, however often that is asked for", async () => {
    using folder = tempFolder();
    const staging = new Staging(trees);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await Promise.all([staging.write("f", 0, text("one")), staging.write("f", 0, text("one"))]);
    const outcomes = await Promise.all([staging.commit("f", 0o600, []), staging.commit("f", 0o600, [])]);
    writeFileSync(folder.at("file"), "changed since");
    expect(await staging.commit("f", 0o600, [])).toEqual(outcomes[0]);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.discard("f");
    expect(readFileSync(folder.at("file"), "utf8")).toBe("changed since");
    expect(await faultOf(staging.write("f", 0, text("late")))).toMatchObject({ kind: "not-found" });
  });

  test("is told of in the next program: what was put in place, and what was on its way", async () => {
    using folder = tempFolder();
    const before = new Staging(trees);
    await before.stageFile("done", folder.bytes("done"), NO_LINK);
    await before.write("done", 0, text("x"));
    const outcome = await before.commit("done", 0o600, []);
    await before.stageFile("cut", folder.bytes("cut"), NO_LINK);
    await before.write("cut", 0, text("half"));
    await before.letGo();
    expect(namesIn(folder.path)).toEqual(["done"]);
    const after = new Staging(trees);
    after.adopt(JSON.parse(JSON.stringify(before.handOver())));
    expect(await after.commit("done", 0o600, [])).toEqual(outcome);
    for (const staging of [before, after]) {
      expect(await faultOf(staging.write("cut", 4, text("rest")))).toMatchObject({
        kind: "other",
        message: "the executor was replaced while `cut` was on its way; begin it again",
      });
      expect(await faultOf(staging.write("other", 0, text("x")))).toMatchObject({ kind: "not-found" });
    }
    await after.stageFile("cut", folder.bytes("cut"), NO_LINK);
    await after.write("cut", 0, text("whole"));
    await after.commit("cut", 0o600, []);
    expect(readFileSync(folder.at("cut"), "utf8")).toBe("whole");
  });

  test("is gone with the session, files and folders alike", async () => {
    using folder = tempFolder();
    const staging = new Staging(trees);
    await staging.stageFolder("t", folder.bytes("tree"), NO_LINK);
    await staging.put("t", folder.bytes("tree", "small"), undefined, text("x"));
    await staging.stageFile("w", folder.bytes("tree", "large"), inside("t"));
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.write("w", 0, text("x"));
    const opening = staging.stageFile("late", folder.bytes("late"), NO_LINK);
    await staging.end();
    await opening.catch(() => {});
    expect(namesIn(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
    expect(await faultOf(staging.stageFile("g", folder.bytes("g"), NO_LINK))).toMatchObject({
      message: "the session has ended",
    });
  });

  test("lets what is being put in place finish", async () => {
    using folder = tempFolder();
    const staging = new Staging(trees);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.write("f", 0, text("whole"));
    const committed = staging.commit("f", undefined, []);
    await staging.end();
    await committed;
    expect(readFileSync(folder.at("file"), "utf8")).toBe("whole");
  });

  test("is given up once, however often and by whomever, and its descriptors are touched no more", async () => {
    using folder = tempFolder();
    const { calls, strays } = watchedCalls();
    const staging = new Staging(trees, calls);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.stageFolder("t", folder.bytes("tree"), NO_LINK);
    const given = [staging.discard("f"), staging.discard("t"), staging.discard("f"), staging.discard("t")];
    const late = [
      staging.write("f", 0, text("late")),
      staging.commit("f", undefined, []),
      staging.put("t", folder.bytes("tree", "late"), undefined, text("late")),
      staging.stageFile("w", folder.bytes("tree", "late"), inside("t")),
      staging.commit("t", undefined, []),
      staging.stageFile("f", folder.bytes("file"), NO_LINK),
    ];
    const faults = Promise.all(late.map(faultOf));
    await Promise.all([...given, staging.end()]);
    for (const fault of await faults) expect(fault.kind).toBe("not-found");
    expect(strays).toEqual([]);
    expect(namesIn(folder.path)).toEqual([]);
    expect(descriptorsBelow(folder.path)).toEqual([]);
  });

  test("is put in place once by a disk that is slower than a thousand others", async () => {
    using folder = tempFolder();
    const { promise: slow, resolve: goOn } = Promise.withResolvers<void>();
    const { calls, strays } = watchedCalls(
      callsWith({
        fchmod: async (fd, mode) => {
          if (mode === SLOW_MODE) await slow;
          await systemCalls.fchmod(fd, mode);
        },
      }),
    );
    const staging = new Staging(trees, calls);
    await staging.stageFile("slow", folder.bytes("slow"), NO_LINK);
    const outcome = staging.commit("slow", SLOW_MODE, []);
    for (let n = 0; n <= 1_024; n += 1) {
      await staging.stageFile(`f${n}`, folder.bytes("file"), NO_LINK);
      await staging.commit(`f${n}`, undefined, []);
    }
    const again = staging.commit("slow", SLOW_MODE, []);
    const late = faultOf(staging.write("slow", 0, text("late")));
    const ended = Promise.all([staging.discard("slow"), staging.end()]);
    goOn();
    await ended;
    expect(await again).toEqual(await outcome);
    expect(await staging.commit("slow", SLOW_MODE, [])).toEqual(await outcome);
    expect((await late).kind).toBe("not-found");
    expect(readFileSync(folder.at("slow"), "utf8")).toBe("");
    expect(strays).toEqual([]);
  });

  test("is filled with one copy, however often that is asked for", async () => {
    using folder = tempFolder();
    mkdirSync(folder.at("source"));
    writeFileSync(folder.at("source", "file"), "a long content");
    const staging = new Staging(trees);
    await staging.stageFolder("t", folder.bytes("tree"), NO_LINK);
    await staging.stageFile("f", folder.bytes("copy"), NO_LINK);
    const [folderSource, fileSource] = [folder.bytes("source"), folder.bytes("source", "file")];
    await Promise.all([staging.copyFrom("t", folderSource), staging.copyFrom("t", folderSource)]);
    await staging.copyFrom("t", folderSource);
    await staging.copyFrom("f", fileSource);
    writeFileSync(folder.at("source", "file"), "short");
    await staging.copyFrom("f", fileSource);
    expect(await faultOf(staging.copyFrom("f", folder.bytes("other")))).toMatchObject({
      kind: "invalid-input",
      message: expect.stringContaining("copy of something else"),
    });
    await Promise.all([staging.commit("t", undefined, []), staging.commit("f", undefined, [])]);
    expect(readFileSync(folder.at("tree", "file"), "utf8")).toBe("a long content");
    expect(readFileSync(folder.at("copy"), "utf8")).toBe("a long content");
    expect(namesIn(folder.path)).toEqual(["copy", "source", "tree"]);
  });

  test("is of bounded number, and a place is given back", async () => {
    using folder = tempFolder();
    const staging = new Staging(trees);
    for (let n = 0; n < MAX_STAGED; n += 1) await staging.stageFile(`f${n}`, folder.bytes(`f${n}`), NO_LINK);
    const fault = await faultOf(staging.stageFile("more", folder.bytes("more"), NO_LINK));
    expect(fault).toMatchObject({ kind: "invalid-input", message: expect.stringContaining(String(MAX_STAGED)) });
    await staging.discard("f0");
    await staging.stageFile("more", folder.bytes("more"), NO_LINK);
    await staging.end();
  });

  test("is a file or a folder, and not the other", async () => {
    using folder = tempFolder();
    const staging = new Staging(trees);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.stageFolder("t", folder.bytes("tree"), NO_LINK);
    expect(await faultOf(staging.write("t", 0, text("x")))).toMatchObject({ kind: "invalid-input" });
    expect(await faultOf(staging.add("f", []))).toMatchObject({ kind: "invalid-input" });
    expect(await faultOf(staging.stageFile("w", folder.bytes("tree", "x"), inside("f")))).toMatchObject({
      kind: "invalid-input",
    });
    expect(await faultOf(staging.stageFile("w", folder.bytes("tree", "x"), inside("no")))).toMatchObject({
      kind: "not-found",
    });
    await staging.end();
    expect(existsSync(folder.at("file"))).toBe(false);
  });
});
