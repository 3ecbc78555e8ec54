import { RemoteError } from "@holdfast/rpc";
import { FakeClock } from "@holdfast/testkit";
import { expect, test } from "vitest";
import type { StagingStub } from "../../src/filesystem/executor-stage.ts";
import { withStagedPlaces } from "../../src/filesystem/staged-places.ts";
import { settle } from "../support/connected.ts";

const PATH = "file:///a" as never;

/** A stub that notes what reaches the executor, and refuses what begins with `refused`. */
function noted() {
  const calls: string[] = [];
  const note = (method: string) => async (params: { readonly stageId: string }) => {
    calls.push(`${method} ${params.stageId}`);
    if (params.stageId.startsWith("refused")) throw new RemoteError("m", { code: -32600, message: "no" });
    return {};
  };
  const names = ["stageFile", "stageFolder", "commitStaged", "discardStaged"];
  const holdfast = Object.fromEntries(names.map((name) => [name, note(name)]));
  const stub = withStagedPlaces({ holdfast } as unknown as StagingStub, new FakeClock());
  const stageFile = (stageId: string, within?: string) =>
    stub.holdfast.stageFile({ stageId, path: PATH, ...(within === undefined ? {} : { within }) });
  const stageMany = (count: number) => Array.from({ length: count }, (_, index) => stageFile(`file ${index}`));
  return { ...stub.holdfast, stageFile, stageMany, calls };
}

test("no more than 128 are staged at a time; one more waits for one that is put in place, discarded or refused", async () => {
  const stub = noted();
  const staging = stub.stageMany(99);
  await settle();
  expect(stub.calls).toHaveLength(96);
  await stub.commitStaged({ stageId: "file 0" });
  await staging[96];
  await stub.discardStaged({ stageId: "file 1" });
  await staging[97];
  expect(stub.calls).not.toContain("stageFile file 98");
  const refused = stub.stageFile("refused").catch(() => "refused");
  await stub.discardStaged({ stageId: "file 2" });
  await staging[98];
  await stub.discardStaged({ stageId: "file 3" });
  expect(await refused).toBe("refused");
  await stub.stageFile("after the refusal");
});

test("files within a folder find a place when everything else is full, and leave with their folder", async () => {
  const stub = noted();
  await stub.stageFolder({ stageId: "folder", path: PATH });
  const outer = stub.stageMany(96);
  await Promise.all(Array.from({ length: 32 }, (_, index) => stub.stageFile(`within ${index}`, "folder")));
  await settle();
  expect(stub.calls).toHaveLength(128);
  await stub.discardStaged({ stageId: "folder" });
  await Promise.all(outer);
  await Promise.all(Array.from({ length: 32 }, (_, index) => stub.stageFile(`other ${index}`, "file 0")));
});

test("who waits can give up, and takes no place then", async () => {
  const stub = noted();
  const staging = stub.stageMany(96);
  const controller = new AbortController();
  const given = stub.stageFolder({ stageId: "folder", path: PATH }, { signal: controller.signal });
  const next = stub.stageFile("next");
  await Promise.all(staging);
  controller.abort("enough");
  await expect(given).rejects.toMatchObject({ name: "AbortError", delivery: "not-sent", cause: "enough" });
  await stub.commitStaged({ stageId: "file 0" });
  await next;
});
