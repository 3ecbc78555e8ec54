import { describe, expect, test } from "vitest";
import { scriptCommand, templateCommand } from "../../src/shell/shell-command.ts";
import type { ShellValue } from "../../src/shell/shell-value.ts";

const WINDOWS = { pathConvention: "windows", shell: { name: "powershell", path: "C:\\ps\\powershell.exe" } } as const;

/** The script that PowerShell is given, out of its base64. */
function given(command: readonly string[]): string {
  return Buffer.from(command.at(-1) ?? "", "base64").toString("utf16le");
}

function script(template: TemplateStringsArray, ...values: readonly ShellValue[]): string {
  return given(templateCommand(WINDOWS, template, values));
}

function coded(text: string): string {
  return `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(text).toString("base64")}'))`;
}

test("PowerShell gets the script as base64, and no value in its text", () => {
  const command = templateCommand(WINDOWS, { raw: ["git commit -m ", " ", ""] }, ["’; rm x", ["a", "b"]]);
  expect(command.slice(0, -1)).toEqual([
    "C:\\ps\\powershell.exe",
    "-NoLogo",
    "-NoProfile",
    "-NonInteractive",
    "-OutputFormat",
    "Text",
    "-EncodedCommand",
  ]);
  expect(given(command)).toBe(
    [
      "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'",
      `$holdfast1 = ${coded("’; rm x")}`,
      `$holdfast2 = @(${coded("a")}, ${coded("b")})`,
      `git commit -m \${holdfast1} \${holdfast2}`,
      "if ($LASTEXITCODE) { exit $LASTEXITCODE }",
    ].join("\n"),
  );
});

test("an executor on Windows whose shell is another has its PowerShell called by name", () => {
  const [program] = templateCommand(
    { pathConvention: "windows", shell: { name: "cmd", path: "cmd.exe" } },
    { raw: ["dir"] },
    [],
  );
  expect(program).toBe("powershell.exe");
});

test("a script with arguments finds them in $args", () => {
  expect(given(scriptCommand(WINDOWS, "Write-Output $args[0]", ["it's"]))).toContain(
    `$holdfast = @(${coded("it's")})\n& {\nWrite-Output $args[0]\n} @holdfast\n`,
  );
});

describe("a place where PowerShell would not read a variable is refused", () => {
  test.each<[string, () => string]>([
    ["within single quotes", () => script`echo 'a ${"x"}'`],
    ["within single quotes", () => script`echo ’a ${"x"}'`],
    ["in a comment", () => script`echo # ${"x"}`],
    ["in a comment", () => script`echo <# ${"x"} #>`],
    ["behind or in a here-string", () => script`echo @"${"x"}"@`],
  ])("%s", (place, make) => {
    expect(make).toThrow(expect.objectContaining({ name: "InvalidArgumentError", argument: "script" }));
    expect(make).toThrow(`a value must not stand ${place}`);
  });

  test("but double quotes, and quotes in quotes, are fine", () => {
    expect(script`echo "it's ${1}" 'x' ${2} a#b ${3}`).toContain(`a#b \${holdfast3}`);
  });
});

test("a script that Windows takes for too long is refused", () => {
  expect(() => scriptCommand(WINDOWS, "x".repeat(13_000))).toThrow("the script is too long");
});
