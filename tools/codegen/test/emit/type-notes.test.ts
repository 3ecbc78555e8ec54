import { describe, expect, test } from "vitest";
import { typeNotes } from "../../src/emit/type-notes.ts";
import type { Shape } from "../../src/schema/shape.ts";
import { merged } from "../app-server/generated.ts";

const notes = typeNotes(merged, "0.144.6", "kit");
const TEXT: Shape = {
  kind: "text",
  format: undefined,
  isBase64: false,
  minLength: undefined,
  maxLength: undefined,
  pattern: undefined,
};

describe("the comment on a type of several releases", () => {
  test.each<[place: string, isOptional: boolean, comment: string | undefined]>([
    ["Thread.id", false, undefined],
    ["Thread.projectId", true, "Since 0.169.0, required."],
    ["Thread.nothing", true, undefined],
    ["Project.position", true, "@deprecated Removed in 0.171.0."],
    ["ThreadItem[type=functionCallOutput]", false, "Since 0.169.0."],
    ["CommandExecParams.permissionProfile", true, "Experimental."],
    ["SandboxPolicy[type=workspaceWrite].writableRoots", true, "Default `[]`."],
    ["InitializeCapabilities.experimentalApi", true, "Default `false`."],
    ["ThreadResumeParams.excludeTurns", true, "Experimental until 0.169.0."],
    ["CurrentTimeReadParams", false, "@deprecated Removed in 0.171.0."],
    ["ModelProviderDefaultSetParams.providerId", false, undefined],
  ])("on %s", (place, isOptional, comment) => {
    expect(notes.commentOn(place, TEXT, isOptional)).toBe(comment);
  });

  test("names the words that are of some releases only", () => {
    expect(notes.commentOn("ReviewDecision", merged.types.shape("ReviewDecision"), false)).toContain(
      "Until 0.169.0: `denied`.",
    );
    expect(notes.commentOn("CollabAgentTool", merged.types.shape("CollabAgentTool"), false)).toBe(
      "Since 0.169.0: `sendMessage`, `followupTask`, `interruptAgent`, `listAgents`.",
    );
  });

  test("leaves types open that clients receive, and no others", () => {
    expect(
      ["TurnStatus", "ThreadItem", "SandboxPolicy", "CodexErrorInfo"].map((type) => notes.isOpen(type)),
    ).not.toContain(false);
    expect(
      ["FileChangeApprovalDecision", "McpServerElicitationAction"].map((type) => notes.isOpen(type)),
    ).not.toContain(true);
  });
});
