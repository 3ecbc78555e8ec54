import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { connectAppServer } from "@holdfast/app-server-client";
import { connect } from "@holdfast/exec-client";
import { discoverRoots, discoverSkills, type RootFinding } from "@holdfast/orchestrator";
import { displayPath, parsePathUri } from "@holdfast/path-uri";
import { ensureRelease } from "@holdfast/reference-peer";
import { expect, test } from "vitest";
import { HEADS, layRoots, ROOT_NAMES } from "../src/capabilities/capability-ground.ts";
import { startHoldfastExecutor } from "../src/holdfast-executor.ts";
import { scratchCodexHome, temporaryFolder } from "../src/places.ts";
import { startReferenceExecutor } from "../src/reference-executor.ts";
import { WireLine } from "../src/wire-line.ts";

const RELEASE = "0.171.0";

/** What counts is that there is one: the words are the release's own. */
function comparable({ warnings, error, ...found }: RootFinding) {
  return { ...found, warnings: warnings.length, isError: error !== null };
}

test("what lies below selected roots is what a release finds there, on its own executor and on ours", {
  timeout: 60_000,
}, async () => {
  const release = await ensureRelease(RELEASE);
  await using folder = await temporaryFolder();
  await layRoots(folder.path);
  const roots = ROOT_NAMES.map((id) => ({ id, path: parsePathUri(pathToFileURL(join(folder.path, id)).href) }));
  await using theirs = await startReferenceExecutor(release, folder.path);
  await using line = await WireLine.open(theirs.url);
  const { result } = await line.call("capabilityRoots/discoverV1", { roots });
  const expected = ((result?.roots ?? []) as unknown as RootFinding[]).map(comparable);
  expect(expected).toHaveLength(ROOT_NAMES.length);
  await using ours = await startHoldfastExecutor(folder.path);
  for (const { url } of [theirs, ours]) {
    await using executor = await connect(url);
    const found = await discoverRoots({ executor }, roots);
    expect(found.map(comparable)).toEqual(expected);
  }
});

test("skills are those that a release lists, and what is none it complains of as well", {
  timeout: 60_000,
}, async () => {
  const release = await ensureRelease(RELEASE);
  await using folder = await temporaryFolder();
  const repo = join(folder.path, "repo");
  await mkdir(join(repo, ".git"), { recursive: true });
  for (const [name, head] of Object.entries(HEADS)) {
    await mkdir(join(repo, ".agents", "skills", name), { recursive: true });
    await writeFile(join(repo, ".agents", "skills", name, "SKILL.md"), head);
  }
  await using home = await scratchCodexHome();
  const env = { ...process.env, CODEX_HOME: home.path, HOME: folder.path };
  await using codex = await connectAppServer(
    { command: release.program, args: ["app-server"], env },
    { clientInfo: { name: "conformance", version: "1" } },
  );
  const { data } = await codex.skills.list({ cwds: [repo], forceReload: true });
  const expected = data[0];
  await using ours = await startHoldfastExecutor(folder.path);
  await using executor = await connect(ours.url);
  const path = parsePathUri(pathToFileURL(join(repo, ".agents", "skills")).href);
  const { skills, problems } = await discoverSkills({ executor }, [{ path, scope: "repo" }]);
  const told = skills.map(({ name, description, shortDescription, path: at }) => ({
    name,
    description,
    shortDescription: shortDescription ?? null,
    path: displayPath(at),
  }));
  expect(told).toEqual(
    expected?.skills
      .filter(({ scope }) => scope === "repo")
      .map(({ name, description, shortDescription = null, path: at }) => ({
        name,
        description,
        shortDescription,
        path: at,
      })),
  );
  expect(problems.map((problem) => problem.path)).toEqual(expected?.errors.map((error) => error.path).sort());
});
