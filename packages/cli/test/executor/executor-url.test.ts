import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/command-line/failure.ts";
import { executorUrl, recordedUrl } from "../../src/executor/executor-url.ts";
import { commandLineOf, isProgramUrl, programWords } from "../../src/executor/program-url.ts";
import { shownExecutor } from "../../src/executor/shown-executor.ts";

function given(options: Readonly<Record<string, string>>) {
  return { text: (name: string) => options[name] };
}

describe("which executor is used", () => {
  test("that of --url or --program, then HOLDFAST_URL, then CODEX_EXEC_SERVER_URL, and with none of them the one inside", () => {
    const env = { HOLDFAST_URL: "ws://b:2", CODEX_EXEC_SERVER_URL: "ws://c:3" };
    expect(executorUrl(given({ url: "ws://a:1" }), env)?.href).toBe("ws://a:1/");
    expect(executorUrl(given({ program: "a b" }), env)?.href).toBe("program:a%20b");
    expect(executorUrl(given({}), env)?.href).toBe("ws://b:2/");
    expect(executorUrl(given({}), { ...env, HOLDFAST_URL: "" })?.href).toBe("ws://c:3/");
    expect(executorUrl(given({}), { HOLDFAST_URL: "none", CODEX_EXEC_SERVER_URL: "ws://c:3" })).toBeUndefined();
    expect(executorUrl(given({}), {})).toBeUndefined();
  });

  test.each([
    [{ url: "ws://a:1", program: "a" }, "give --url or --program, not both"],
    [{ program: " " }, "--program must name a command"],
    [{ program: "a 'b" }, "--program has a quote"],
    [{ url: "http://a:1" }, "--url must be a ws://, wss://, unix://, ssh:// or relay+https:// URL"],
    [{ url: "program:a" }, "--url must be a ws://"],
    [{ url: "ws://user:secret@" }, "'ws://***@'"],
  ])("%j is refused", (options, message) => {
    expect(() => executorUrl(given(options as Record<string, string>), {})).toThrow(UsageError);
    expect(() => executorUrl(given(options as Record<string, string>), {})).toThrow(message);
  });

  test("a command line is the same again after it was recorded as a URL, whatever is in it", () => {
    const commandLine = `docker exec -i 'a b' "c?d#e%20" ü \\' proxy`;
    const url = recordedUrl(executorUrl(given({ program: commandLine }), {})?.href ?? "");
    expect(url !== undefined && isProgramUrl(url) && commandLineOf(url)).toBe(commandLine);
    expect(url && programWords(url)).toEqual(["docker", "exec", "-i", "a b", "c?d#e%20", "ü", "'", "proxy"]);
    expect(url && shownExecutor(url)).toBe(commandLine);
    expect(shownExecutor("ws://u:p@a/?token=x")).toBe("ws://***@a/?***");
    expect([recordedUrl("http://a"), recordedUrl("no url")]).toEqual([undefined, undefined]);
  });
});
