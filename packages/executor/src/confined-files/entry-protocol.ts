import type { Attributes, EntryStats, WriteNewOptions } from "../filesystem/index.ts";
import type { FindPage } from "../search/find-files.ts";
import type { SearchPage } from "../search/search-text.ts";
import type { ByteText } from "./byte-text.ts";
import type { FindQuery, SearchQuery } from "./search-operations.ts";

type Nothing = Record<string, never>;

/** What is known of a link, with bytes as text. */
export type ToldStats = Omit<EntryStats, "link"> & {
  readonly link: { readonly target: ByteText; readonly targetKind: EntryStats["kind"] | undefined } | undefined;
};

/** Operations of a helper that an extension adds: what each takes and answers. File content travels as the frame's payload. */
export interface HelperEntryOperations {
  statEntry: { takes: { path: ByteText; followSymlinks: boolean }; answers: ToldStats };
  readLink: { takes: { path: ByteText }; answers: { target: ByteText } };
  makeSymbolicLink: { takes: { path: ByteText; target: ByteText }; answers: Nothing };
  makeHardLink: { takes: { path: ByteText; existing: ByteText }; answers: Nothing };
  rename: {
    takes: {
      source: ByteText;
      destination: ByteText;
      home: ByteText | undefined;
      cwd: ByteText | undefined;
      noReplace: boolean;
    };
    answers: Nothing;
  };
  setAttributes: { takes: { path: ByteText; attributes: Attributes; followSymlinks: boolean }; answers: Nothing };
  appendFile: { takes: { path: ByteText }; answers: Nothing };
  writeNew: { takes: { path: ByteText; options: WriteNewOptions }; answers: Nothing };
  findFiles: { takes: { root: ByteText; query: FindQuery }; answers: FindPage };
  searchText: { takes: { root: ByteText; query: SearchQuery }; answers: SearchPage };
  makeTemporaryFolder: { takes: { folder: ByteText; prefix: string }; answers: { path: ByteText } };
}
