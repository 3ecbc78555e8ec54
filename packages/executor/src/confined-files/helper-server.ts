import type { FileSystemFault, OpenedFile } from "../filesystem/index.ts";
import { bytesOf, byteText } from "./byte-text.ts";
import type { HelperEntryOperations } from "./entry-protocol.ts";
import { servedEntries } from "./entry-server.ts";
import type { FileOperations } from "./file-operations.ts";
import { type Frame, NO_PAYLOAD } from "./frames.ts";
import type { HelperOperation, HelperOperations, HelperReply, HelperRequest } from "./protocol.ts";

type Answer<Name extends HelperOperation> = {
  readonly answers: HelperOperations[Name]["answers"];
  readonly payload?: Buffer;
};
type Serve<Name extends HelperOperation> = (
  takes: HelperOperations[Name]["takes"],
  payload: Buffer,
) => Promise<Answer<Name>>;
type HandleOperation = "open" | "readBlock" | "writeBlock" | "close";
type Table = { readonly [Name in HelperOperation]: Serve<Name> };

const DONE = { answers: {} };

/** Carries out what the executor asks of a helper, inside the sandbox. */
export class HelperServer {
  readonly #table: Table;
  readonly #toFault: (thrown: unknown) => FileSystemFault;
  readonly #open = new Map<number, OpenedFile>();

  constructor(files: FileOperations, toFault: (thrown: unknown) => FileSystemFault) {
    this.#toFault = toFault;
    this.#table = { ...wholeFiles(files), ...servedEntries(files), ...this.#handles(files) };
  }

  /** @param json - A request as the executor wrote it; the executor is trusted. */
  async serve({ json, payload }: Frame): Promise<Frame> {
    const { id, operation, takes } = json as HelperRequest;
    try {
      const serve = this.#table[operation] as Serve<HelperOperation>;
      const { answers, payload: content = NO_PAYLOAD } = await serve(takes, payload);
      return { json: { id, status: "ok", operation, answers } satisfies HelperReply, payload: content };
    } catch (thrown) {
      const { kind, message, code, syscall } = this.#toFault(thrown);
      return { json: { id, status: "error", kind, message, code, syscall } satisfies HelperReply, payload: NO_PAYLOAD };
    }
  }

  #handles(files: FileOperations): Pick<Table, HandleOperation> {
    return {
      open: async ({ handle, path, mode }) => {
        this.#open.set(handle, await files.open(bytesOf(path), mode));
        return DONE;
      },
      readBlock: async ({ handle, offset, length }) => {
        const { chunk, eof } = await this.#find(handle).read(offset, length);
        return { answers: { eof }, payload: chunk };
      },
      writeBlock: async ({ handle, offset }, payload) => {
        await this.#find(handle).write(offset, payload);
        return DONE;
      },
      close: async ({ handle }) => {
        const file = this.#open.get(handle);
        this.#open.delete(handle);
        await file?.close();
        return DONE;
      },
    };
  }

  #find(handle: number): OpenedFile {
    const file = this.#open.get(handle);
    if (file === undefined) throw new Error(`unknown helper handle ${handle}`);
    return file;
  }
}

function wholeFiles(files: FileOperations): Omit<Table, HandleOperation | keyof HelperEntryOperations> {
  return {
    readFile: async ({ path, ...links }) => ({ answers: {}, payload: await files.readFile(bytesOf(path), links) }),
    writeFile: async ({ path, ...links }, payload) => {
      await files.writeFile(bytesOf(path), payload, links);
      return DONE;
    },
    createDirectory: async ({ path, ...options }) => {
      await files.createDirectory(bytesOf(path), options);
      return DONE;
    },
    getMetadata: async ({ path, ...links }) => ({ answers: await files.getMetadata(bytesOf(path), links) }),
    canonicalize: async ({ path }) => ({ answers: { path: byteText(await files.canonicalize(bytesOf(path))) } }),
    readDirectory: async ({ path, ...options }) => {
      const entries = await files.readDirectory(bytesOf(path), options);
      const listed = entries.map(({ name, isDirectory, isFile }) => ({ name: byteText(name), isDirectory, isFile }));
      return { answers: { entries: listed } };
    },
    copy: async ({ from, to, recursive }) => {
      await files.copy(bytesOf(from), bytesOf(to), { recursive });
      return DONE;
    },
    remove: async ({ path, home, cwd, ...options }) => {
      const place = (text: string | undefined) => (text === undefined ? undefined : bytesOf(text));
      await files.remove(bytesOf(path), options, { home: place(home), cwd: place(cwd) });
      return DONE;
    },
    walk: async ({ root, options }) => ({ answers: await files.walk(bytesOf(root), options) }),
  };
}
