import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MAX_STAGED } from "../../src/filesystem/index.ts";
import { Staging } from "../../src/session/staging.ts";
import { descriptorsBelow, faultOf, namesIn, tempFolder } from "../filesystem/helpers.ts";

const inside = (within: string | undefined) => ({ within, noFollowNames: 1 });
const NO_LINK = inside(undefined);
const text = (content: string): Buffer => Buffer.from(content);

describe.skipIf(process.platform !== "linux")("what a session has staged", () => {
  test("is put in place once, however often that is asked for", async () => {
    using folder = tempFolder();
    const staging = new Staging();
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await Promise.all([staging.write("f", 0n, text("one")), staging.write("f", 0n, text("one"))]);
    const outcomes = await Promise.all([staging.commit("f", 0o600, []), staging.commit("f", 0o600, [])]);
    writeFileSync(folder.at("file"), "changed since");
    expect(await staging.commit("f", 0o600, [])).toEqual(outcomes[0]);
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.discard("f");
    expect(readFileSync(folder.at("file"), "utf8")).toBe("changed since");
    expect(await faultOf(staging.write("f", 0n, text("late")))).toMatchObject({ kind: "not-found" });
  });

  test("is gone with the session, files and folders alike", async () => {
    using folder = tempFolder();
    const staging = new Staging();
    await staging.stageFolder("t", folder.bytes("tree"), NO_LINK);
    await staging.put("t", folder.bytes("tree", "small"), undefined, text("x"));
    await staging.stageFile("w", folder.bytes("tree", "large"), inside("t"));
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.write("w", 0n, text("x"));
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
    const staging = new Staging();
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.write("f", 0n, text("whole"));
    const committed = staging.commit("f", undefined, []);
    await staging.end();
    await committed;
    expect(readFileSync(folder.at("file"), "utf8")).toBe("whole");
  });

  test("is of bounded number, and a place is given back", async () => {
    using folder = tempFolder();
    const staging = new Staging();
    for (let n = 0; n < MAX_STAGED; n += 1) await staging.stageFile(`f${n}`, folder.bytes(`f${n}`), NO_LINK);
    const fault = await faultOf(staging.stageFile("more", folder.bytes("more"), NO_LINK));
    expect(fault).toMatchObject({ kind: "invalid-input", message: expect.stringContaining(String(MAX_STAGED)) });
    await staging.discard("f0");
    await staging.stageFile("more", folder.bytes("more"), NO_LINK);
    await staging.end();
  });

  test("is a file or a folder, and not the other", async () => {
    using folder = tempFolder();
    const staging = new Staging();
    await staging.stageFile("f", folder.bytes("file"), NO_LINK);
    await staging.stageFolder("t", folder.bytes("tree"), NO_LINK);
    expect(await faultOf(staging.write("t", 0n, text("x")))).toMatchObject({ kind: "invalid-input" });
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
