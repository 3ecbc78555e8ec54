import { describe, expect, test } from "vitest";
import { type ApprovalPolicy, execTools } from "../../src/index.ts";
import { workshop } from "./support/machine.ts";

/** The one text of a result. */
function textOf(result: { readonly content: readonly { readonly type: string }[] }): string {
  const [content] = result.content as readonly { readonly type: "text"; readonly text: string }[];
  return content?.text ?? "";
}

describe("the tools of unified exec", () => {
  test("answer in the words that models know", async () => {
    await using at = await workshop({ numbering: "counting" });
    const [execCommand, writeStdin] = execTools(at.exec);
    const first = await execCommand.call({ cmd: "echo hi; exec cat", tty: true, yield_time_ms: 250 });
    expect(first.isError).toBeUndefined();
    expect(textOf(first)).toMatch(/^Chunk ID: .*\nWall time: .* seconds\nProcess running with session ID 1000\n/);
    const second = await writeStdin.call({ session_id: 1_000, chars: "\u0004", yield_time_ms: 10_000 });
    expect(textOf(second)).toContain("Process exited with code 0");
    const third = await writeStdin.call({ session_id: 1_000 });
    expect(third).toEqual({
      content: [{ type: "text", text: "write_stdin failed: Unknown process id 1000" }],
      isError: true,
    });
  });

  test.each([
    [{}, "failed to parse function arguments: missing field `cmd`"],
    [{ cmd: "x", timeout: 3 }, 'failed to parse function arguments: unknown field "timeout", expected one of'],
    [{ cmd: "x", yield_time_ms: -1 }, "failed to parse function arguments: `yield_time_ms`: invalid value: -1"],
    [{ cmd: "x", environment_id: "nope" }, "unknown turn environment id `nope`"],
  ])("answer %j with an error", async (args, message) => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    const result = await execCommand.call(args);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(message);
  });

  test("take an environment also where none is offered", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    expect(Object.keys(execCommand.inputSchema.properties ?? {})).not.toContain("environment_id");
    expect((await execCommand.call({ cmd: "true", environment_id: "here" })).isError).toBeUndefined();
  });

  test("offer a choice of environments where there is one", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec, { environmentIds: ["here", "there"] });
    expect(execCommand.inputSchema.properties).toMatchObject({ environment_id: { enum: ["here", "there"] } });
  });

  test("offer to run without a sandbox only where that may be asked for", async () => {
    let approvalPolicy: ApprovalPolicy = "never";
    await using at = await workshop({ settings: () => ({ approvalPolicy, login: false }) });
    const [execCommand] = execTools(at.exec);
    const members = () => Object.keys(execCommand.inputSchema.properties ?? {});
    expect(members()).toEqual(["cmd", "workdir", "shell", "login", "tty", "yield_time_ms", "max_output_tokens"]);
    approvalPolicy = "on-request";
    expect(members()).toEqual(expect.arrayContaining(["sandbox_permissions", "justification", "prefix_rule"]));
  });

  test("throw nothing but the reason for which a call was given up", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    const controller = new AbortController();
    const call = execCommand.call({ cmd: "exec sleep 1000" }, { signal: controller.signal });
    controller.abort(new Error("interrupted"));
    await expect(call).rejects.toThrow("interrupted");
  });
});
