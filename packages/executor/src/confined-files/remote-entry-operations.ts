import { bytesOf, byteText } from "./byte-text.ts";
import type { EntryOperations } from "./entry-operations.ts";
import type { HelperProcess } from "./helper-process.ts";
import type { SearchOperations } from "./search-operations.ts";

/** Runs one act on a helper, which is kept until it is done. */
export type Within = <T>(act: (helper: HelperProcess) => Promise<T>) => Promise<T>;

/** Operations of the extension that a helper carries out. */
export function remoteEntryOperations(within: Within): EntryOperations & SearchOperations {
  return {
    statEntry: (path, { followSymlinks }) =>
      within(async (helper) => {
        const { answers } = await helper.call("statEntry", { path: byteText(path), followSymlinks });
        const { link, ...stats } = answers;
        return { ...stats, link: link && { target: bytesOf(link.target), targetKind: link.targetKind } };
      }),
    readLink: (path) =>
      within(async (helper) => bytesOf((await helper.call("readLink", { path: byteText(path) })).answers.target)),
    makeSymbolicLink: (path, target) =>
      within(async (helper) => {
        await helper.call("makeSymbolicLink", { path: byteText(path), target: byteText(target) });
      }),
    makeHardLink: (path, existing) =>
      within(async (helper) => {
        await helper.call("makeHardLink", { path: byteText(path), existing: byteText(existing) });
      }),
    rename: (source, destination, { home, cwd }, { noReplace = false }) =>
      within(async (helper) => {
        const places = { home: home && byteText(home), cwd: cwd && byteText(cwd) };
        const paths = { source: byteText(source), destination: byteText(destination) };
        await helper.call("rename", { ...paths, ...places, noReplace });
      }),
    setAttributes: (path, attributes, { followSymlinks }) =>
      within(async (helper) => {
        await helper.call("setAttributes", { path: byteText(path), attributes, followSymlinks });
      }),
    appendFile: (path, data) =>
      within(async (helper) => void (await helper.call("appendFile", { path: byteText(path) }, data))),
    writeNew: (path, data, options) =>
      within(async (helper) => void (await helper.call("writeNew", { path: byteText(path), options }, data))),
    findFiles: (root, query) =>
      within(async (helper) => (await helper.call("findFiles", { root: byteText(root), query })).answers),
    searchText: (root, query) =>
      within(async (helper) => (await helper.call("searchText", { root: byteText(root), query })).answers),
    makeTemporaryFolder: (folder, prefix) =>
      within(async (helper) => {
        const { answers } = await helper.call("makeTemporaryFolder", { folder: byteText(folder), prefix });
        return bytesOf(answers.path);
      }),
  };
}
