import { resolve } from "node:path";
import { isRelayUrl } from "@holdfast/exec-client";
import type { TomlPath, TomlTable, TomlValue } from "../../config/toml-document.ts";
import { members, millisecondsOf, TomlShapeError, textOf, textsByNameOf, textsOf } from "../../config/toml-shape.ts";
import { checkBearerToken } from "../bearer-token.ts";
import type { EnvironmentDefinition, ProgramEnvironment, UrlEnvironment } from "../environment-definition.ts";
import { invalidEnvironment } from "../environment-error.ts";
import { checkEnvironmentId } from "../environment-id.ts";
import { checkedEnvironmentUrl } from "../environment-url.ts";

/** An entry of `[[environments]]`, of the right shape. */
export interface EnvironmentEntry {
  readonly id: string;
  readonly requiredSkills: readonly string[] | undefined;
  readonly url: string | undefined;
  readonly bearerToken: string | undefined;
  /** Name of the variable that holds it. Not of the reference, which knows no relays in this file. */
  readonly bearerTokenVariable: string | undefined;
  readonly program: string | undefined;
  readonly args: readonly string[] | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly cwd: string | undefined;
  readonly connectTimeoutMs: number | undefined;
  readonly initializeTimeoutMs: number | undefined;
}

/** In the order in which the reference tells them. */
const NAMES = [
  "id",
  "skills",
  "url",
  "auth_bearer_token",
  "program",
  "args",
  "env",
  "cwd",
  "connect_timeout_sec",
  "initialize_timeout_sec",
] as const;

/** Of this project alone. */
const OWN_NAMES = ["bearer_token_env_var"] as const;

/** @throws TomlShapeError */
export function readEntry(value: TomlValue, path: TomlPath): EnvironmentEntry {
  const entry = members(value, path, NAMES, OWN_NAMES);
  const read = <Result>(name: keyof typeof entry, as: (value: TomlValue, path: TomlPath) => Result) => {
    const member = entry[name];
    return member === undefined ? undefined : as(member, [...path, name]);
  };
  const id = read("id", textOf);
  if (id === undefined) throw new TomlShapeError("missing field `id`", path);
  return {
    id,
    requiredSkills: read("skills", requiredSkillsOf),
    url: read("url", textOf),
    bearerToken: read("auth_bearer_token", textOf),
    bearerTokenVariable: read("bearer_token_env_var", textOf),
    program: read("program", textOf),
    args: read("args", textsOf),
    env: read("env", textsByNameOf),
    cwd: read("cwd", textOf),
    connectTimeoutMs: read("connect_timeout_sec", millisecondsOf),
    initializeTimeoutMs: read("initialize_timeout_sec", millisecondsOf),
  };
}

function requiredSkillsOf(value: TomlValue, path: TomlPath): readonly string[] {
  const { required } = members(value as TomlTable, path, ["required"]);
  return required === undefined ? [] : textsOf(required, [...path, "required"]);
}

/**
 * The environment that an entry describes.
 *
 * @param folder - What a relative `cwd` is relative to.
 * @throws EnvironmentError `invalid`
 */
export function definitionOf(entry: EnvironmentEntry, folder: string): EnvironmentDefinition {
  const { id, url, bearerToken, bearerTokenVariable, program, args, env, cwd, connectTimeoutMs } = entry;
  checkEnvironmentId(id);
  const refusal = (rule: string) => invalidEnvironment(`environment \`${id}\` ${rule}`, id);
  if (program === undefined && (args ?? env ?? cwd) !== undefined) throw refusal("args, env, and cwd require program");
  if (url === undefined && bearerToken !== undefined) throw refusal("auth_bearer_token requires url");
  if (bearerTokenVariable !== undefined) {
    const parsed = url === undefined ? null : URL.parse(url.trim());
    if (parsed === null || !isRelayUrl(parsed)) throw refusal("bearer_token_env_var requires a relay+https:// url");
    if (bearerToken !== undefined) throw refusal("must not set both auth_bearer_token and bearer_token_env_var");
    if (bearerTokenVariable.trim() === "") throw refusal("bearer_token_env_var cannot be empty");
  }
  if (url === undefined && connectTimeoutMs !== undefined) throw refusal("connect_timeout_sec requires url");
  if (url !== undefined && program === undefined) return urlEnvironment(entry, url);
  if (url === undefined && program !== undefined) {
    if (program.trim() === "") throw refusal("program cannot be empty");
    return programEnvironment(entry, program, folder);
  }
  throw refusal("must set exactly one of url or program");
}

function urlEnvironment(entry: EnvironmentEntry, text: string): UrlEnvironment {
  const { id, requiredSkills, bearerToken, connectTimeoutMs, initializeTimeoutMs } = entry;
  const url = checkedEnvironmentUrl(text, id);
  if (bearerToken !== undefined) checkBearerToken(bearerToken, url, id);
  return {
    id,
    url: text.trim(),
    ...given({ requiredSkills, bearerToken }),
    ...given({ connectTimeoutMs: timer(connectTimeoutMs), initializeTimeoutMs: timer(initializeTimeoutMs) }),
  };
}

function programEnvironment(entry: EnvironmentEntry, program: string, folder: string): ProgramEnvironment {
  const { id, requiredSkills, args, env, cwd, initializeTimeoutMs } = entry;
  const native = cwd === undefined ? undefined : resolve(folder, cwd);
  return {
    id,
    program: program.trim(),
    ...given({ requiredSkills, args, env, cwd: native, initializeTimeoutMs: timer(initializeTimeoutMs) }),
  };
}

/** A wait of no time at all is the shortest there is: nothing here waits for none. */
function timer(milliseconds: number | undefined): number | undefined {
  return milliseconds === 0 ? 1 : milliseconds;
}

function given<Members extends object>(all: Members): Partial<Members> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<Members>;
}
