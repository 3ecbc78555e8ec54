import { readdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { patchTool, type ToolPlaces } from "../../src/index.ts";
import { callTool, toolPlace } from "../support/tool-place.ts";
import { patchOf } from "./patch-machine.ts";

const UPDATE = ["*** Update File: a", "@@", "-one", "+two"];

describe("apply_patch", () => {
  test("applies a patch in the working folder, and answers as a command does", async () => {
    await using at = await toolPlace();
    await writeFile(at.folder.join("a"), "one\n");
    const { isError, texts } = await callTool([patchTool(at.places)], "apply_patch", { input: patchOf(...UPDATE) });
    expect(isError).toBe(false);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(
      /^Exit code: 0\nWall time: \d+(\.\d)? seconds\nOutput:\nSuccess\. Updated the following files:\nM a\n$/,
    );
    expect(await readFile(at.folder.join("a"), "utf8")).toBe("two\n");
  });

  test("tells a model why a patch does not fit, and changes nothing", async () => {
    await using at = await toolPlace();
    await writeFile(at.folder.join("a"), "1\n");
    const tools = [patchTool(at.places)];
    expect(await callTool(tools, "apply_patch", { input: patchOf("*** Add File: n", "+x", ...UPDATE) })).toEqual({
      isError: true,
      texts: [`apply_patch verification failed: Failed to find expected lines in ${at.folder.join("a")}:\none`],
    });
    expect(await callTool(tools, "apply_patch", { input: "words" })).toEqual({
      isError: true,
      texts: ["apply_patch verification failed: Invalid patch: The first line of the patch must be '*** Begin Patch'"],
    });
    expect(await callTool(tools, "apply_patch", {})).toMatchObject({ isError: true });
    expect(await callTool(tools, "apply_patch", { input: 1 })).toMatchObject({ isError: true });
    expect(await readdir(at.folder.path)).toEqual(["a"]);
  });

  test("is confined as its place is, and says by what", async () => {
    await using at = await toolPlace("read-only");
    await writeFile(at.folder.join("a"), "one\n");
    const { isError, texts } = await callTool([patchTool(at.places)], "apply_patch", { input: patchOf(...UPDATE) });
    expect(isError).toBe(true);
    expect(texts[0]).toMatch(
      /^Exit code: 1\nWall time: .*\nOutput:\nFailed to write file .*\/a: EROFS.*; nothing was changed; in the sandbox, little may be written\n$/,
    );
    expect(await readFile(at.folder.join("a"), "utf8")).toBe("one\n");
  });

  test("goes to the environment that the patch names, or the call, and to none when they differ", async () => {
    await using here = await toolPlace();
    await using there = await toolPlace();
    const places: ToolPlaces = {
      ids: ["here", "there"],
      at: async (id) => (id === "there" ? there : here).places.at(undefined),
    };
    const tools = [patchTool(places)];
    expect(tools[0]?.inputSchema).toMatchObject({ properties: { environment_id: { enum: ["here", "there"] } } });
    const input = patchOf("*** Environment ID: there", "*** Add File: n", "+1");
    expect(await callTool(tools, "apply_patch", { input })).toMatchObject({ isError: false });
    expect(await readdir(there.folder.path)).toEqual(["n"]);
    const plain = patchOf("*** Add File: m", "+1");
    expect(await callTool(tools, "apply_patch", { input: plain, environment_id: "there" })).toMatchObject({
      isError: false,
    });
    expect((await readdir(there.folder.path)).sort()).toEqual(["m", "n"]);
    expect(await callTool(tools, "apply_patch", { input, environment_id: "here" })).toEqual({
      isError: true,
      texts: ["environment_id is here, but the patch names there"],
    });
    expect(await readdir(here.folder.path)).toEqual([]);
  });

  test("that is given up fails with the reason of its signal", async () => {
    await using at = await toolPlace();
    const reason = new Error("the turn is over");
    const call = { signal: AbortSignal.abort(reason) };
    await expect(patchTool(at.places).call({ input: patchOf(...UPDATE) }, call)).rejects.toBe(reason);
  });
});
