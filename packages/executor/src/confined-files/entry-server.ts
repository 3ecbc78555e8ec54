import { bytesOf, byteText } from "./byte-text.ts";
import type { EntryOperations } from "./entry-operations.ts";
import type { HelperEntryOperations } from "./entry-protocol.ts";
import type { SearchOperations } from "./search-operations.ts";

/** How a helper serves an operation of the extension: the answer to what is asked, with the content that came along. */
type Serve<Name extends keyof HelperEntryOperations> = (
  takes: HelperEntryOperations[Name]["takes"],
  payload: Buffer,
) => Promise<{ readonly answers: HelperEntryOperations[Name]["answers"] }>;

const DONE = { answers: {} };

export function servedEntries(files: EntryOperations & SearchOperations): {
  readonly [Name in keyof HelperEntryOperations]: Serve<Name>;
} {
  return {
    statEntry: async ({ path, ...links }) => {
      const { link, ...stats } = await files.statEntry(bytesOf(path), links);
      const told = link && { target: byteText(link.target), targetKind: link.targetKind };
      return { answers: { ...stats, link: told } };
    },
    readLink: async ({ path }) => ({ answers: { target: byteText(await files.readLink(bytesOf(path))) } }),
    makeSymbolicLink: async ({ path, target }) => {
      await files.makeSymbolicLink(bytesOf(path), bytesOf(target));
      return DONE;
    },
    makeHardLink: async ({ path, existing }) => {
      await files.makeHardLink(bytesOf(path), bytesOf(existing));
      return DONE;
    },
    rename: async ({ source, destination, home, cwd, noReplace }) => {
      const place = (text: string | undefined) => (text === undefined ? undefined : bytesOf(text));
      const places = { home: place(home), cwd: place(cwd) };
      await files.rename(bytesOf(source), bytesOf(destination), places, { noReplace });
      return DONE;
    },
    setAttributes: async ({ path, attributes, ...links }) => {
      await files.setAttributes(bytesOf(path), attributes, links);
      return DONE;
    },
    appendFile: async ({ path }, payload) => {
      await files.appendFile(bytesOf(path), payload);
      return DONE;
    },
    writeNew: async ({ path, options }, payload) => {
      await files.writeNew(bytesOf(path), payload, options);
      return DONE;
    },
    findFiles: async ({ root, query }) => ({ answers: await files.findFiles(bytesOf(root), query) }),
    searchText: async ({ root, query }) => ({ answers: await files.searchText(bytesOf(root), query) }),
    makeTemporaryFolder: async ({ folder, prefix }) => ({
      answers: { path: byteText(await files.makeTemporaryFolder(bytesOf(folder), prefix)) },
    }),
  };
}
