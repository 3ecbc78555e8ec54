import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { ConfigError } from "./config-error.ts";
import { configVersion } from "./config-version.ts";
import { CONFIG_FILE_MAX_BYTES } from "./limits.ts";
import { parseToml, TomlError, type TomlTable } from "./toml-document.ts";
import { emptyTable } from "./toml-values.ts";

const NON_BLOCKING = constants.O_RDONLY | constants.O_NONBLOCK;
/** Whoever may write it decides which programs run as this user. Windows says that of every file that is not read-only. */
const OTHERS_MAY_WRITE = process.platform === "win32" ? 0 : 0o002;

/** A configuration file, as it was read. */
export interface ConfigContent {
  /** Undefined: there is no such file. */
  readonly text: string | undefined;
  readonly root: TomlTable;
  readonly version: string;
}

/** One configuration file. What it says is kept until the file is another one, or was written. */
export class ConfigFile {
  /** Absolute. */
  readonly path: string;
  #stamp: string | undefined;
  #content: ConfigContent | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * A file that is not there is an empty one.
   *
   * @throws ConfigError - It can not be read, others may write it, it is longer than 4 MiB, or no TOML.
   */
  async read(): Promise<ConfigContent> {
    try {
      // Not to wait for a pipe in its place.
      await using file = await open(this.path, NON_BLOCKING);
      const stats = await file.stat({ bigint: true });
      const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
      if (this.#content !== undefined && this.#stamp === stamp) return this.#content;
      if (!stats.isFile()) throw new Error("it is no file");
      if (stats.size > CONFIG_FILE_MAX_BYTES) throw new Error(`it has more than ${CONFIG_FILE_MAX_BYTES} bytes`);
      if ((Number(stats.mode) & OTHERS_MAY_WRITE) !== 0) {
        throw new Error("every user may write it, and so decide what runs as you: chmod o-w it first");
      }
      const content = this.#parsed(new TextDecoder("utf-8", { fatal: true }).decode(await file.readFile()));
      this.#content = content;
      this.#stamp = stamp;
      return content;
    } catch (error) {
      this.#content = undefined;
      if (error instanceof ConfigError) throw error;
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return NOTHING;
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`failed to read ${this.path}: ${reason}`, { cause: error });
    }
  }

  #parsed(text: string): ConfigContent {
    try {
      const { root } = parseToml(text);
      return { text, root, version: configVersion(root) };
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      throw new ConfigError(`${this.path}:${error.line}:${error.column}: ${error.message}`, { cause: error });
    }
  }
}

const NOTHING: ConfigContent = { text: undefined, root: emptyTable(), version: configVersion(emptyTable()) };
