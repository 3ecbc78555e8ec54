import { describe, expect, test } from "vitest";
import { type ApprovalPolicy, execTools, type Tool } from "../../src/index.ts";
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
    [{}, "cmd is missing: Script for the shell"],
    [{ cmd: null }, "cmd is missing"],
    [{ cmd: 3 }, "cmd must be a string, not 3"],
    [{ cmd: "x", timeout: 3 }, 'there is no argument "timeout", only cmd, workdir,'],
    [{ cmd: "x", yield_time_ms: -1 }, "yield_time_ms must be a whole number, at least 0, not -1"],
    [{ cmd: "x", yield_time_ms: 1.5 }, "yield_time_ms must be a whole number, at least 0, not 1.5"],
    [{ cmd: "x", yield_time_ms: "1" }, 'yield_time_ms must be a whole number, at least 0, not "1"'],
    [{ cmd: "x", login: "yes" }, 'login must be true or false, not "yes"'],
    [{ cmd: "x", sandbox_permissions: "all" }, "sandbox_permissions must be one of use_default, require_escalated"],
    [{ cmd: "x", prefix_rule: "git" }, "prefix_rule must be a list of strings"],
    [[], "the arguments must be an object"],
    ["x", "the arguments must be an object"],
  ])("refuse %j as arguments of a command", async (args, message) => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    const result = await execCommand.call(args);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(`failed to parse function arguments: ${message}`);
    expect(at.events).toEqual([]);
  });

  test.each([
    [{}, "session_id is missing"],
    [{ session_id: "abc" }, 'session_id must be a whole number, at least 0, not "abc"'],
    [{ session_id: 7.5 }, "session_id must be a whole number, at least 0, not 7.5"],
    [{ session_id: 7, chars: 1 }, "chars must be a string, not 1"],
  ])("refuse %j as arguments of a write", async (args, message) => {
    await using at = await workshop();
    const [, writeStdin] = execTools(at.exec);
    const result = await writeStdin.call(args);
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(`failed to parse function arguments: ${message}`);
  });

  test("tell of an environment that does not exist", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    expect(await execCommand.call({ cmd: "x", environment_id: "nope" })).toEqual({
      content: [{ type: "text", text: "unknown turn environment id `nope`" }],
      isError: true,
    });
  });

  test("have the names and the types that models know", async () => {
    await using at = await workshop({ settings: { approvalPolicy: "on-request" } });
    const types = ({ name, inputSchema }: Tool) => {
      const properties = Object.entries(inputSchema.properties ?? {}) as [string, { readonly type: string }][];
      const { required, additionalProperties } = inputSchema;
      const members = Object.fromEntries(properties.map(([member, { type }]) => [member, type]));
      return { name, required, additionalProperties, members };
    };
    expect(execTools(at.exec).map(types)).toEqual([
      {
        name: "exec_command",
        required: ["cmd"],
        additionalProperties: false,
        members: {
          cmd: "string",
          workdir: "string",
          shell: "string",
          login: "boolean",
          tty: "boolean",
          yield_time_ms: "integer",
          max_output_tokens: "integer",
          sandbox_permissions: "string",
          justification: "string",
          prefix_rule: "array",
        },
      },
      {
        name: "write_stdin",
        required: ["session_id"],
        additionalProperties: false,
        members: { session_id: "integer", chars: "string", yield_time_ms: "integer", max_output_tokens: "integer" },
      },
    ]);
  });

  test("take an environment also where none is offered", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    expect(Object.keys(execCommand.inputSchema.properties ?? {})).not.toContain("environment_id");
    expect((await execCommand.call({ cmd: "true", environment_id: "here" })).isError).toBeUndefined();
  });

  test("offer a choice of environments where there is one", async () => {
    await using at = await workshop();
    const [alone] = execTools(at.exec, { environmentIds: ["here"] });
    expect(Object.keys(alone.inputSchema.properties ?? {})).not.toContain("environment_id");
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

describe("a command that is nothing but a patch", () => {
  const patch = "*** Begin Patch\n*** Add File: new.txt\n+hello $HOME\n*** End Patch";
  const cmd = `apply_patch <<'EOF'\n${patch}\nEOF`;

  test("is applied in its folder, without a process", async () => {
    await using at = await workshop();
    await at.executor.fs.mkdir(at.folder.join("sub", "deep"), { recursive: true });
    const [execCommand] = execTools(at.exec);
    const text = textOf(await execCommand.call({ cmd: `cd deep && ${cmd}`, workdir: "sub" }));
    expect(text).toMatch(
      /^Exit code: 0\nWall time: \d+(?:\.\d)? seconds\nOutput:\nSuccess\. Updated the following files:\nA .*new\.txt\n$/,
    );
    expect(await at.executor.fs.readTextFile(at.folder.join("sub", "deep", "new.txt"))).toBe("hello $HOME\n");
    expect(at.events).toEqual([]);
  });

  test("is confined as a command is", async () => {
    await using at = await workshop({ settings: { sandbox: "read-only", login: false } });
    const [execCommand] = execTools(at.exec);
    expect((await execCommand.call({ cmd })).isError).toBe(true);
    expect(await at.executor.fs.exists(at.folder.join("new.txt"))).toBe(false);
  });

  test("is approved as a command is", async () => {
    const asked: string[] = [];
    await using at = await workshop({
      settings: { sandbox: "read-only", login: false, approvalPolicy: "on-request" },
      askApproval: ({ command, unsandboxed }) => {
        asked.push(command);
        return unsandboxed && asked.length === 1 ? "accept" : "decline";
      },
    });
    const [execCommand] = execTools(at.exec);
    const args = { cmd, sandbox_permissions: "require_escalated", justification: "It has to be." };
    expect((await execCommand.call(args)).isError).toBeUndefined();
    expect(await at.executor.fs.exists(at.folder.join("new.txt"))).toBe(true);
    expect(textOf(await execCommand.call(args))).toContain("rejected by user");
    expect(asked).toEqual([cmd, cmd]);
  });

  test("that does not fit is an error in words, and so is one without its call", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    const unfit = await execCommand.call({ cmd: "apply_patch <<'EOF'\nnonsense\nEOF" });
    expect(unfit.isError).toBe(true);
    expect(textOf(unfit)).toMatch(/^apply_patch verification failed: /);
    expect(textOf(await execCommand.call({ cmd: patch }))).toBe(
      'apply_patch verification failed: patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]',
    );
  });

  test("for another environment than that of the command is refused", async () => {
    await using at = await workshop();
    const [execCommand] = execTools(at.exec);
    const elsewhere = patch.replace("\n", "\n*** Environment ID: there\n");
    const result = await execCommand.call({ cmd: `apply_patch <<'EOF'\n${elsewhere}\nEOF` });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("the patch names environment there, but the command is for here");
  });
});
