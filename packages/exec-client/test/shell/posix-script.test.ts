import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { templateCommand } from "../../src/shell/shell-command.ts";
import type { ShellValue } from "../../src/shell/shell-value.ts";

const POSIX = { pathConvention: "posix", shell: { name: "bash", path: "/bin/bash" } } as const;

type Template = (template: TemplateStringsArray, ...values: readonly ShellValue[]) => string;

/** What a real shell makes of a template. */
function inShell(shell: string): Template {
  return (template, ...values) => {
    const [, ...argv] = templateCommand(POSIX, template, values);
    return execFileSync(shell, argv, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  };
}

const VALUES = [
  "",
  " ",
  "*",
  "~",
  "-n",
  "$(id)",
  "`id`",
  '"; id; "',
  "'; id; '",
  "'",
  '"',
  "\\",
  "a\nb",
  "$HOME",
  `\${IFS}`,
  "!!",
  "#x",
  "|&;<>()",
  "é😀",
];

const value = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
);

describe.each(["dash", "bash"])("in %s", (shell) => {
  const output = inShell(shell);

  test("a value arrives as it is, wherever it stands", () => {
    fc.assert(
      fc.property(value, (text) => {
        const words = output`printf '%s\0' ${text} pre${text}post "a ${text} b" 'c ${text} d' "$(printf %s "${text}"x)" $(printf %s 'y${text}' >/dev/null; echo z)`;
        expect(words.split("\0")).toEqual([text, `pre${text}post`, `a ${text} b`, `c ${text} d`, `${text}x`, "z", ""]);
      }),
      { numRuns: 60 },
    );
  });

  test("a list is as many words as it has entries, also none", () => {
    expect(output`printf '<%s>' a ${["b c", "$d", ""]} ${[]} ${["*"]}`).toBe("<a><b c><$d><><*>");
  });

  test("more than nine values keep their places", () => {
    const at = (index: number): string => `v ${index}`;
    expect(
      output`printf '<%s>' ${at(1)} ${at(2)} ${at(3)} ${at(4)} ${at(5)} ${at(6)} ${at(7)} ${at(8)} ${at(9)} ${at(10)} ${at(11)}`,
    ).toBe("<v 1><v 2><v 3><v 4><v 5><v 6><v 7><v 8><v 9><v 10><v 11>");
  });

  test("a value is what was given in a function, and after the script's own parameters are others", () => {
    expect(output`f() { printf '<%s>' ${"a b"} "$1"; }; f own; set -- x y; shift; printf '<%s>' ${"c"} "$1"`).toBe(
      "<a b><own><c><y>",
    );
  });

  test("a value is what was given behind a subshell's comment, a continued line and two dollar signs", () => {
    expect(output`(true)# it's
      printf '<%s>' ${"a"} \
      # it's
      printf '<%s>' ${"b"} "$$${""}" | sed "s/<[0-9][0-9]*>/<pid>/"`).toBe("<a><b><pid>");
  });

  test("the shell's own words keep their meaning: variables, pipes, and backslashes as they are typed", () => {
    expect(output`x='a b'; printf '%s\n' "$x" \$x "\${x}" | sed 's/\(a\) b/\1-b/'`.trim()).toBe("a-b\n$x\na-b");
  });
});

describe("a place where a shell would not read a value as one word is refused", () => {
  const script: Template = (template, ...values) => templateCommand(POSIX, template, values).join(" ");
  test.each<[string, () => string]>([
    ["behind a backslash", () => templateCommand(POSIX, { raw: ["echo \\", ""] }, ["x"]).join(" ")],
    ["in a comment", () => script`echo a # ${"x"}`],
    ["in a comment", () => script`(echo a)# ${"x"}`],
    ["behind a dollar sign", () => script`echo "price: $${"x"}"`],
    ["behind a dollar sign", () => script`echo $${"x"}`],
    ["within ((…))", () => script`if (( ${"x"} > 1 )); then echo; fi`],
    ["within ((…))", () => script`for ((i = "${"x"}"; i < 2; i++)); do echo; done`],
    ["within $[…]", () => script`echo "$[${"x"}]"`],
    ["within [[…]]", () => script`if [[ $y =~ ^[[:alpha:]]+$ && ${"x"} -eq 1 ]]; then echo; fi`],
    ["within name[…]", () => script`a[${"x"}]=1`],
    ["within name[…]", () => script`a["${"x"}"]=1`],
    ["within name[…]", () => script`a=( [0]=b [${"x"}]=c )`],
    ["behind a case within $(…)", () => script`echo "$(case a in a) echo ${"x"} ;; esac)"`],
    [`behind a single quote within "\${…}"`, () => script`echo "\${a:-it's}" ${"x"}`],
    ["within backquotes", () => script`echo \`echo ${"x"}\``],
    ["within $((…))", () => script`echo $((1 + ${"x"}))`],
    [`within \${…}`, () => script`echo "\${HOME:-${"x"}}"`],
    [`within \${…}`, () => script`echo \${HOME:"${"x"}"}`],
    ["within $'…'", () => script`echo $'${"x"}'`],
    ["in a script with a here-document", () => script`cat <<E\n${"x"}\nE`],
    ["within quotes when it is a list", () => script`echo "${["x"]}"`],
  ])("%s", (place, make) => {
    expect(make).toThrow(expect.objectContaining({ name: "InvalidArgumentError", argument: "script" }));
    expect(make).toThrow(`a value must not stand ${place}`);
  });

  const parameter = (index: number): string => `"\${_${index}}"`;

  test("what only looks like such a place is none", () => {
    expect(script`echo a#b ${1} "#" ${2} '\`' ${3} $# ${4} "$'" ${5} \# ${6}`).toContain(parameter(6));
    expect(script`[ -n ${1} ] && a="[" b=[[ && ls [[:alpha:]]* ${2} "\$${3}" '$${4}' && echo $$${5}`).toContain(
      parameter(5),
    );
    expect(
      script`case a in [a-c]) echo ${1} ;; (b) echo ${2} ;; esac; [[ -n a ]] && ((1 + (2))) && echo ${3}`,
    ).toContain(parameter(3));
    expect(script`(echo ${1}) && { echo ${2}; } # the end
      echo ${3}`).toContain(parameter(3));
  });
});

test.each<[string, unknown, string]>([
  ["undefined", undefined, "value 1 of the script must be text, a number, a boolean or a list of them, not undefined"],
  ["null", null, "not null"],
  ["an object", {}, "not object"],
  [
    "a list with a list",
    [["a"]],
    "an entry of value 1 of the script must be text, a number, a boolean or a list of them, not a list in a list",
  ],
])("%s is no word", (_name, bad, message) => {
  expect(() => templateCommand(POSIX, { raw: ["echo ", ""] }, [bad])).toThrow(message);
});
