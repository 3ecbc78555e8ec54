import { expect, test } from "vitest";
import { programCandidates } from "../src/program-candidates.ts";

function of(path: string, maxFolders?: number) {
  return programCandidates("tool", path, maxFolders);
}

test("a name is looked for in every folder of PATH, in their order, each once", () => {
  expect(of("/b:/a:/b::.:")).toEqual({ files: ["/b/tool", "/a/tool", "./tool"], isCut: false });
  expect(of("")).toEqual({ files: ["./tool"], isCut: false });
});

test("a name with a slash stands for itself", () => {
  expect(programCandidates("./tool", "/a:/b", 1)).toEqual({ files: ["./tool"], isCut: false });
});

test("folders beyond the most are left out, and that is told; many times the same one is one", () => {
  expect(of("/a:/b:/a:/c", 2)).toEqual({ files: ["/a/tool", "/b/tool"], isCut: true });
  expect(of("/a:/b:/a:/b", 2)).toEqual({ files: ["/a/tool", "/b/tool"], isCut: false });
  expect(of(":".repeat(200_000), 2)).toEqual({ files: ["./tool"], isCut: false });
});
