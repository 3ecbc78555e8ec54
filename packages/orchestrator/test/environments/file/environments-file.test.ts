import { describe, expect, test } from "vitest";
import { EnvironmentsFileError, parseEnvironmentsFile } from "../../../src/environments/file/environments-file.ts";

const PLACE = { file: "/codex/environments.toml", folder: "/codex" };

function parse(text: string) {
  return parseEnvironmentsFile(text, PLACE);
}

function refusal(text: string): EnvironmentsFileError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof EnvironmentsFileError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

/** A file with one entry of these lines. */
function entry(...lines: readonly string[]): string {
  return `[[environments]]\n${lines.join("\n")}\n`;
}

const A = 'id = "a"';
const URL_LINE = 'url = "ws://x"';
const LONG = "a".repeat(65);

describe("a file", () => {
  test("names environments in their order, with what each is given", () => {
    const file = parse(`
default = " far "   # the one that is used
[[environments]]
id = "far"
url = " wss://box:7070/path "
connect_timeout_sec = 1.5
initialize_timeout_sec = 0
auth_bearer_token = "secret"
skills = { required = ["pdf"] }

[[environments]]
id = "Box_1-x"
program = " docker "
args = ["exec", "-i", "box"]
env = { A = "1", "__proto__" = "2" }
cwd = "below"
`);
    expect(file).toEqual({
      tokenVariables: new Map(),
      includesLocal: true,
      defaultId: "far",
      environments: [
        {
          id: "far",
          url: "wss://box:7070/path",
          connectTimeoutMs: 1_500,
          initializeTimeoutMs: 1,
          bearerToken: "secret",
          requiredSkills: ["pdf"],
        },
        {
          id: "Box_1-x",
          program: "docker",
          args: ["exec", "-i", "box"],
          env: Object.fromEntries([
            ["A", "1"],
            ["__proto__", "2"],
          ]),
          cwd: "/codex/below",
        },
      ],
    });
  });

  test.each([
    ["", true, "local"],
    ["include_local = false", false, undefined],
    ['default = "None"', true, undefined],
    ['default = "local"', true, "local"],
    [`include_local = false\ndefault = "a"\n${entry(A, URL_LINE)}`, false, "a"],
    [`environments = [{ id = "a", url = "ws://x" }]\n`, true, "local"],
  ])("%j has its default, with or without this machine", (text, includesLocal, defaultId) => {
    expect(parse(text)).toMatchObject({ includesLocal, defaultId });
  });

  test.each(["ws://127.0.0.1:1/#part", "unix:///run/executor.sock", "ssh://user@box:22", "ws://user:word@x"])(
    "takes %s",
    (url) => {
      expect(parse(entry(A, `url = "${url}"`)).environments).toEqual([{ id: "a", url }]);
    },
  );

  test.each(["localhost", "127.9.9.9", "[::1]"])("takes a token for %s", (host) => {
    const text = entry(A, `url = "ws://${host}:1"`, 'auth_bearer_token = "t"');
    expect(parse(text).environments).toMatchObject([{ bearerToken: "t" }]);
  });
});

describe("a file is refused as a whole", () => {
  test.each([
    [entry('id = ""', URL_LINE), "environment id cannot be empty"],
    [entry('id = " a"', URL_LINE), "environment id ` a` must not contain surrounding whitespace"],
    [entry('id = "local"', URL_LINE), "environment id `local` is reserved"],
    [entry('id = "NONE"', URL_LINE), "environment id `NONE` is reserved"],
    [entry(`id = "${LONG}"`, URL_LINE), `environment id \`${LONG}\` cannot be longer than 64 characters`],
    [entry('id = "a b"', URL_LINE), "environment id `a b` must contain only ASCII letters, numbers, '-' or '_'"],
    [entry('id = "é"', URL_LINE), "environment id `é` must contain only ASCII letters, numbers, '-' or '_'"],
    [entry(A, URL_LINE) + entry(A, 'program = "p"'), "environment id `a` is duplicated"],
    [entry(A, URL_LINE, 'program = "p"'), "environment `a` must set exactly one of url or program"],
    [entry(A), "environment `a` must set exactly one of url or program"],
    [entry(A, "args = []"), "environment `a` args, env, and cwd require program"],
    [entry(A, URL_LINE, "env = {}"), "environment `a` args, env, and cwd require program"],
    [entry(A, URL_LINE, 'cwd = ""'), "environment `a` args, env, and cwd require program"],
    [entry(A, 'program = "p"', "connect_timeout_sec = 1"), "environment `a` connect_timeout_sec requires url"],
    [entry(A, 'program = "p"', 'auth_bearer_token = "t"'), "environment `a` auth_bearer_token requires url"],
    [entry(A, 'program = "  "'), "environment `a` program cannot be empty"],
    [entry(A, 'url = "  "'), "environment url cannot be empty"],
    [entry(A, 'url = "http://u:p@x/?k=secret"'), "environment url `http://***@x/?***` must use ws:// or wss://"],
    [entry(A, 'url = "WS://x"'), "environment url `WS://x` must use ws:// or wss://"],
    [entry(A, 'url = "ws://"'), "environment url `ws://` is invalid: it can not be parsed"],
    [entry(A, 'url = "ws://[::1"'), "environment url `ws://[::1` is invalid: it can not be parsed"],
    [
      entry(A, 'url = "ws://x/a b"'),
      'environment url `ws://x/a b` is invalid: it has " " in it, which has to be escaped',
    ],
    [
      entry(A, 'url = "ws://x/?k=<1>"'),
      'environment url `ws://x/?***` is invalid: it has "<" in it, which has to be escaped',
    ],
    ['default = " "', "default environment id cannot be empty"],
    ['default = "q"', "default environment `q` is not configured"],
    ['include_local = false\ndefault = "local"', "default environment `local` is not configured"],
    [
      entry(A, URL_LINE, 'auth_bearer_token = "t"'),
      "exec-server WebSocket headers require wss:// or a loopback destination",
    ],
    [
      entry(A, 'url = "wss://x"', 'auth_bearer_token = "a\\nb"'),
      "invalid value for exec-server WebSocket header `authorization`",
    ],
    [entry(A, 'url = "ssh://x"', 'auth_bearer_token = "t"'), "environment `a` auth_bearer_token requires a websocket"],
  ])("%j", (text, detail) => {
    expect(refusal(text)).toMatchObject({
      name: "EnvironmentError",
      code: "invalid",
      detail,
      message: `exec-server protocol error: ${detail}`,
    });
  });

  test.each([
    ["default =", /^.* \(line 1, column \d+\)$/],
    [`${A}\n${A}`, /line 2/],
    ["foo = 1", /^unknown field `foo`, expected one of `default`, `include_local`, `environments`$/],
    ["default = 5", /^invalid type: integer `5`, expected a string in `default`$/],
    ["include_local = 1.5", /^invalid type: floating point `1.5`, expected a boolean in `include_local`$/],
    ["environments = 5", /^invalid type: integer `5`, expected a sequence in `environments`$/],
    ["environments = [5]", /^invalid type: integer `5`, expected a table in `environments`$/],
    [
      entry(A, URL_LINE, "foo = 1"),
      /^unknown field `foo`, expected one of `id`, `skills`, `url`, `auth_bearer_token`, `program`, `args`, `env`, `cwd`, `connect_timeout_sec`, `initialize_timeout_sec` in `environments`$/,
    ],
    [entry(URL_LINE), /^missing field `id` in `environments`$/],
    [entry("id = 5"), /^invalid type: integer `5`, expected a string in `environments.id`$/],
    [entry(A, "url = 1979-05-27"), /^invalid type: datetime, expected a string in `environments.url`$/],
    [entry(A, 'args = "x"'), /^invalid type: string, expected a sequence in `environments.args`$/],
    [entry(A, "args = [true]"), /^invalid type: boolean `true`, expected a string in `environments.args`$/],
    [entry(A, "env = []"), /^invalid type: sequence, expected a table in `environments.env`$/],
    [entry(A, "env = { A = {} }"), /^invalid type: map, expected a string in `environments.env.A`$/],
    [entry(A, "skills = true"), /^invalid type: boolean `true`, expected a table in `environments.skills`$/],
    [entry(A, "skills = { foo = 1 }"), /^unknown field `foo`, expected `required` in `environments.skills`$/],
    [
      entry(A, "skills = { required = true }"),
      /^invalid type: boolean `true`, expected a sequence in `environments.skills.required`$/,
    ],
    [
      entry(A, "connect_timeout_sec = -1"),
      /^cannot convert float seconds to Duration: value is negative in `environments.connect_timeout_sec`$/,
    ],
    [
      entry(A, "connect_timeout_sec = nan"),
      /^cannot convert float seconds to Duration: value is either too big or NaN in `environments.connect_timeout_sec`$/,
    ],
    [entry(A, "initialize_timeout_sec = inf"), /^cannot convert float seconds to Duration: value is either too big/],
    [entry(A, "initialize_timeout_sec = 1e300"), /^cannot convert float seconds to Duration: value is either too big/],
    [
      entry(A, 'connect_timeout_sec = "5"'),
      /^invalid type: string, expected f64 in `environments.connect_timeout_sec`$/,
    ],
    ["[[environments.__proto__]]\nid = 1", /sequence/],
    ['[__proto__]\nid = "x"', /^unknown field `__proto__`/],
  ])("that has not the shape of one: %j", (text, detail) => {
    const error = refusal(text);
    const start = "failed to parse environment config `/codex/environments.toml`: ";
    expect(error.detail.startsWith(start)).toBe(true);
    expect(error.detail.slice(start.length)).toMatch(detail);
    expect(error.message).not.toContain("\n");
  });

  test("and told with its line", () => {
    const text = `# first\n${entry(A, URL_LINE)}\n${entry('id = "b"', "", 'url = "http://x"')}`;
    expect(refusal(text)).toMatchObject({ line: 6, environmentId: "b", file: "/codex/environments.toml" });
    expect(refusal(`${entry(A, "url = 5")}`)).toMatchObject({ line: 3 });
    expect(refusal(`\n\ndefault = "q"`)).toMatchObject({ line: 3 });
  });

  test("by what is wrong with an entry in one order: the id, the keys of a program, those of a URL, the way", () => {
    expect(refusal(entry('id = "local"', "args = []")).detail).toContain("is reserved");
    expect(refusal(entry(A, "args = []", "connect_timeout_sec = 1")).detail).toContain("require program");
    expect(refusal(entry(A, 'program = ""', "connect_timeout_sec = 1")).detail).toContain("requires url");
    expect(refusal(entry(A, 'url = "http://x"', 'program = "p"')).detail).toContain("exactly one");
    expect(refusal(`default = "q"\n${entry(A, URL_LINE)}${entry(A, URL_LINE)}`).detail).toContain("duplicated");
  });
});
