import { parseToml, type TomlDocument, TomlError, type TomlPath } from "../../config/toml-document.ts";
import { flagOf, listOf, members, TomlShapeError, textOf } from "../../config/toml-shape.ts";
import { type EnvironmentDefinition, LOCAL_ENVIRONMENT_ID } from "../environment-definition.ts";
import { EnvironmentError, invalidEnvironment, isEnvironmentError } from "../environment-error.ts";
import { NO_ENVIRONMENT } from "../environment-id.ts";
import { definitionOf, readEntry } from "./environment-entry.ts";

/** What an `environments.toml` says. */
export interface EnvironmentsFile {
  /** Whether this machine is one of them. */
  readonly includesLocal: boolean;
  /** Undefined: there is none. */
  readonly defaultId: string | undefined;
  /** Without `local`, in their order. */
  readonly environments: readonly EnvironmentDefinition[];
  /** Names of the variables that hold the tokens of some of them, by their ids. */
  readonly tokenVariables: ReadonlyMap<string, string>;
}

/** An `environments.toml` that is refused as a whole. The message is the reference's, word for word where there is one. */
export class EnvironmentsFileError extends EnvironmentError {
  /** The path as it was given. */
  readonly file: string;
  /** From 1. Undefined where it is about no line. */
  readonly line: number | undefined;
  /** The message without what is the same in all of them. */
  readonly detail: string;

  constructor(
    detail: string,
    parts: {
      readonly file: string;
      readonly line?: number | undefined;
      readonly environmentId?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    const { file, line, environmentId, cause } = parts;
    super("invalid", `exec-server protocol error: ${detail}`, { environmentId, cause });
    this.detail = detail;
    this.file = file;
    this.line = line;
  }
}

export interface EnvironmentsFilePlace {
  /** For messages. */
  readonly file: string;
  /** What relative paths in it are relative to, absolute. */
  readonly folder: string;
}

const LIST = "environments";

/** Read the text of an `environments.toml`. Nothing is connected. @throws EnvironmentsFileError */
export function parseEnvironmentsFile(text: string, { file, folder }: EnvironmentsFilePlace): EnvironmentsFile {
  const document = documentOf(text, file);
  try {
    const { default: name, include_local: local, [LIST]: list } = members(document.root, [], TOP_LEVEL);
    const includesLocal = local === undefined || flagOf(local, ["include_local"]);
    const entries = list === undefined ? [] : listOf(list, [LIST]).map((each, index) => readEntry(each, [LIST, index]));
    const named = name === undefined ? undefined : textOf(name, ["default"]);
    const at = (path: TomlPath) => ({ file, line: document.lineOf(path) });
    const environments = entries.map((entry, index) => inFile(at([LIST, index]), () => definitionOf(entry, folder)));
    checkUnique(environments, (index) => at([LIST, index]));
    const ids = [...(includesLocal ? [LOCAL_ENVIRONMENT_ID] : []), ...environments.map(({ id }) => id)];
    const defaultId = inFile(at(["default"]), () => defaultOf(named, ids));
    const tokenVariables = new Map(
      entries.flatMap(({ id, bearerTokenVariable: name }) => (name === undefined ? [] : [[id, name.trim()]])),
    );
    return { includesLocal, defaultId, environments, tokenVariables };
  } catch (error) {
    if (!(error instanceof TomlShapeError)) throw error;
    throw unparsable(error.message, { file, line: document.lineOf(error.path), cause: error });
  }
}

const TOP_LEVEL = ["default", "include_local", LIST] as const;

function documentOf(text: string, file: string): TomlDocument {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw unparsable(`${error.message} (line ${error.line}, column ${error.column})`, {
      file,
      line: error.line,
      cause: error,
    });
  }
}

type Place = { readonly file: string; readonly line: number | undefined };

function unparsable(detail: string, place: Place & { readonly cause: unknown }): EnvironmentsFileError {
  return new EnvironmentsFileError(`failed to parse environment config \`${place.file}\`: ${detail}`, place);
}

/** What is refused is told with its place. */
function inFile<Result>(place: Place, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!isEnvironmentError(error) || error instanceof EnvironmentsFileError) throw error;
    const { environmentId } = error;
    throw new EnvironmentsFileError(error.message.replace(/^exec-server protocol error: /, ""), {
      ...place,
      environmentId,
    });
  }
}

function checkUnique(environments: readonly EnvironmentDefinition[], at: (index: number) => Place): void {
  const ids = new Set<string>();
  for (const [index, { id }] of environments.entries()) {
    if (ids.has(id)) {
      const detail = `environment id \`${id}\` is duplicated`;
      throw new EnvironmentsFileError(detail, { ...at(index), environmentId: id });
    }
    ids.add(id);
  }
}

function defaultOf(named: string | undefined, ids: readonly string[]): string | undefined {
  if (named === undefined) return ids.includes(LOCAL_ENVIRONMENT_ID) ? LOCAL_ENVIRONMENT_ID : undefined;
  const id = named.trim();
  if (id === "") throw invalidEnvironment("default environment id cannot be empty");
  if (id.toLowerCase() === NO_ENVIRONMENT) return undefined;
  if (!ids.includes(id)) throw invalidEnvironment(`default environment \`${id}\` is not configured`, id);
  return id;
}
