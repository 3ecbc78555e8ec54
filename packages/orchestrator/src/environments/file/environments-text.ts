import { parseToml, type TomlDocument } from "../../config/toml-document.ts";

/** What a new entry says. Undefined members are left out. */
export interface NewEnvironment {
  readonly id: string;
  readonly url?: string | undefined;
  readonly bearerToken?: string | undefined;
  readonly bearerTokenVariable?: string | undefined;
  readonly program?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly connectTimeoutSec?: number | undefined;
  readonly initializeTimeoutSec?: number | undefined;
}

const LIST = "environments";

/** The text of an `environments.toml` with one more environment behind the others. All that is there stays as it is. @throws TomlError */
export function withEnvironment(text: string, environment: NewEnvironment): string {
  const { ast, lineEnd } = read(text);
  const lines = entryLines(environment);
  const inline = ast.body[0].body.find(
    (node) => node.type === "TOMLKeyValue" && keyOf(node.key.keys) === LIST && node.value.type === "TOMLArray",
  );
  if (inline?.type === "TOMLKeyValue" && inline.value.type === "TOMLArray") {
    const { elements, range } = inline.value;
    const table = `{ ${lines.join(", ")} }`;
    const last = elements.at(-1);
    if (last === undefined) return spliced(text, [range[0] + 1, range[1] - 1], table);
    return spliced(text, [last.range[1], last.range[1]], `, ${table}`);
  }
  const before = text === "" ? "" : text.endsWith("\n") ? lineEnd : lineEnd + lineEnd;
  return `${text}${before}${[`[[${LIST}]]`, ...lines, ""].join(lineEnd)}`;
}

/** The text with another default. @throws TomlError */
export function withDefault(text: string, id: string): string {
  const { ast, lineEnd } = read(text);
  const nodes = ast.body[0].body;
  const value = tomlText(id);
  const top = nodes.filter((node) => node.type === "TOMLKeyValue");
  const known = top.find(({ key }) => keyOf(key.keys) === "default");
  if (known !== undefined) return spliced(text, known.value.range, value);
  const line = `default = ${value}${lineEnd}`;
  const last = top.at(-1);
  if (last !== undefined) {
    const end = text.indexOf("\n", last.range[1]);
    return end === -1 ? `${text}${lineEnd}${line}` : spliced(text, [end + 1, end + 1], line);
  }
  const first = nodes[0];
  if (first === undefined) return `${text}${text === "" || text.endsWith("\n") ? "" : lineEnd}${line}`;
  const at = headOf(text, first.range[0]);
  return spliced(text, [at, at], line + lineEnd);
}

function read(text: string): Pick<TomlDocument, "ast"> & { readonly lineEnd: string } {
  const { ast } = parseToml(text);
  return { ast, lineEnd: text.includes("\r\n") ? "\r\n" : "\n" };
}

/** Where the comments begin that stand directly above a place, and belong to what is there. */
function headOf(text: string, place: number): number {
  let start = place;
  for (;;) {
    const above = text.lastIndexOf("\n", start - 2) + 1;
    if (above === start || !text.slice(above, start).trimStart().startsWith("#")) return start;
    start = above;
  }
}

function entryLines(environment: NewEnvironment): readonly string[] {
  const {
    id,
    url,
    bearerToken,
    bearerTokenVariable,
    program,
    args,
    env,
    cwd,
    connectTimeoutSec,
    initializeTimeoutSec,
  } = environment;
  const members: readonly (readonly [string, string | undefined])[] = [
    ["id", tomlText(id)],
    ["url", url && tomlText(url)],
    ["auth_bearer_token", bearerToken && tomlText(bearerToken)],
    ["bearer_token_env_var", bearerTokenVariable && tomlText(bearerTokenVariable)],
    ["program", program && tomlText(program)],
    ["args", args && `[${args.map(tomlText).join(", ")}]`],
    ["env", env && tomlTable(env)],
    ["cwd", cwd && tomlText(cwd)],
    ["connect_timeout_sec", connectTimeoutSec?.toString()],
    ["initialize_timeout_sec", initializeTimeoutSec?.toString()],
  ];
  return members.flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${value}`]));
}

function tomlTable(texts: Readonly<Record<string, string>>): string {
  const members = Object.entries(texts).map(([name, value]) => `${tomlKey(name)} = ${tomlText(value)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/u.test(name) ? name : tomlText(name);
}

/** As JSON writes it, which TOML reads the same, but for DEL. */
function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function keyOf(keys: readonly { readonly type: string; readonly name?: string; readonly value?: string }[]): string {
  return keys.map(({ name, value }) => name ?? value ?? "").join(".");
}

function spliced(text: string, [start, end]: readonly [number, number], between: string): string {
  return text.slice(0, start) + between + text.slice(end);
}
