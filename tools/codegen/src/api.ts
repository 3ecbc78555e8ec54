/** One API, described as data. Everything that the generator makes of it follows from its description. */
export interface Api {
  readonly name: string;
  /** Where its types come from. */
  readonly source: AuthoredSource | ImportedSource;
  /** Folder of the schemas, relative to the root. */
  readonly schemas: string;
  /** What is said about the schemas as a whole, in one paragraph. */
  readonly description: string;
  /** Its methods and what is made of them. Null: it has types only. */
  readonly protocol: Protocol | null;
}

/** Types that are written in TypeScript in this repository. */
export interface AuthoredSource {
  readonly kind: "authored";
  /** Package that owns the types. */
  readonly package: string;
  /** Files with the wire types, relative to the root; a folder means every file in it. */
  readonly files: readonly string[];
  /** What stands for a type in TypeScript where the wire has another: type name to the schema of its wire type. */
  readonly brands: Readonly<Record<string, string>>;
}

/** Types that another project publishes as JSON Schema. */
export interface ImportedSource {
  readonly kind: "imported";
  /** Package on npm whose program prints the schemas of its release. */
  readonly package: string;
  /** How the program is asked; `--experimental` and `--out FOLDER` are added. */
  readonly command: readonly string[];
  /** The file with everything, in the folder that it writes. */
  readonly file: string;
  /** Members of `definitions` that hold definitions themselves. */
  readonly nested: readonly string[];
  /** The releases that are supported, oldest first. The newest is the shape of the types; see `merge/`. */
  readonly releases: readonly ImportedRelease[];
  /** What is on the wire and in no document, written by hand in the form of one; relative to the root. */
  readonly unlisted: string;
  /** Types of which documents name members otherwise than messages do, what these names are on the wire, and how that is known. */
  readonly renamedMembers: Readonly<Record<string, RenamedMembers>>;
  /** Places where releases differ in kind, so that a choice of both stands there, and why. Another one stops the generator. */
  readonly choices: Readonly<Record<string, string>>;
  /**
   * Variants that peers know only after both have said so, which no document tells, as `Type.member`: what a refusal calls each, and how that is
   * known.
   */
  readonly experimentalVariants: Readonly<Record<string, { readonly named: string; readonly why: string }>>;
  /** Requests that change nothing, so that they may be sent again when their answer was lost. */
  readonly repeatable: readonly string[];
  /** Unions of whole messages, by who sends what; they give the method table. */
  readonly unions: readonly MethodUnion[];
  /** How the result of a request is named: what ends the name of its params, and what ends that of its result instead. */
  readonly resultOf: { readonly params: string; readonly result: string };
  /** Results that are named otherwise, by method. */
  readonly resultExceptions: Readonly<Record<string, string>>;
}

/** The schemas of one release. */
export interface ImportedRelease {
  readonly release: string;
  /** The canonical copy, relative to the root. */
  readonly document: string;
}

/** Names of members in a document, with those in messages. */
export interface RenamedMembers {
  readonly members: Readonly<Record<string, string>>;
  readonly why: string;
}

/** A type of an imported document whose arms are the messages of one kind. */
export interface MethodUnion {
  readonly type: string;
  readonly kind: "request" | "notice";
  readonly from: "client" | "server";
}

/** What an API with methods has besides its types. */
export interface Protocol {
  /** Newest release of the other project that the methods are those of. */
  readonly release: string;
  /** Version of the document. Its first number changes when a message that was right before is not any more. */
  readonly version: string;
  /** What the two sides call themselves in documents. */
  readonly roles: { readonly client: string; readonly server: string };
  /** Files with its methods, errors and limits, relative to the root. Null: there are none. */
  readonly tables: ProtocolTables | null;
  /** Type of every message, whatever its method. */
  readonly envelope: string;
  /** Folder with messages to take and to refuse, relative to that of the schemas. Null: there are none. */
  readonly fixtures: string | null;
  /** Where the code goes. Null: nowhere yet. */
  readonly code: ProtocolCode | null;
  /** The page with its tables. Null: there is none. */
  readonly docs: string | null;
}

/** Files that export the tables of a protocol. */
export interface ProtocolTables {
  /** `METHODS`. Null: an imported protocol tells them itself. */
  readonly methods: string | null;
  /** `ERRORS`. */
  readonly errors: string;
  /** A documented constant for each bound. */
  readonly limits: string;
  /** `LIMITS`: whose each of them is. */
  readonly limitRows: string;
  /** `NOT_SERVED`: methods that the server of this project knows and does not serve, and why. Absent: there is none. */
  readonly notServed?: string;
}

/** Code of a protocol. */
export interface ProtocolCode {
  /** Folder, relative to the root. It holds nothing else. */
  readonly folder: string;
  readonly stubs: StubNames;
  readonly settings: CodeSettings;
}

/** What an API calls the interfaces of its stubs. */
export interface StubNames {
  /** What clients call. */
  readonly client: string;
  /** What servers call. */
  readonly server: string;
}

/** How code is written. Specifiers of modules are as seen from its folder. */
export interface CodeSettings {
  /** `whole`: one file. `namespace`: one for each first part of a method name, and one for what they share. */
  readonly split: "whole" | "namespace";
  /**
   * Where the compiler compares each type with its validator: in every build, or, because there are very many, in a test
   * that generates the same code once more.
   */
  readonly agreement: "build" | "test";
  /** Module of what code stands on; what validators are made of is in its `/zod`. */
  readonly kit: string;
  /** Module of the wire types. */
  readonly types: string;
  /** Module of `Received` and `Sendable`, the types of messages whose base64 is bytes. Null: messages are what their types say. */
  readonly received: string | null;
  /** What handlers of notices get beside the params: a type and its module. Null: nothing. */
  readonly metadata: { readonly type: string; readonly from: string } | null;
  /** Messages that have checks in plain code in front of their validators. */
  readonly quick: readonly ("notices" | "results" | "params")[];
  /**
   * What becomes of words, kinds and members that a type does not list: refused, or kept where its reader asks for that, because its
   * peer may be newer.
   */
  readonly unknownWords: "refused" | "tolerable";
  /** Types that are validated by the package that owns them. */
  readonly foreign: Readonly<Record<string, ForeignValidator>>;
  /** Types whose validator is written by hand in the kit, because it passes values through as they are. */
  readonly byHand: Readonly<Record<string, string>>;
  /** Members, as `Type.member`, whose base64 the method itself looks at. */
  readonly lateBase64: readonly string[];
}

/** A validator that another package exports. */
export interface ForeignValidator {
  readonly from: string;
  readonly name: string;
  /** It gives something else than the wire type: what `Received` says. Default false. */
  readonly parses?: boolean;
  /** The function that reads a value without a validator; undefined from it: a validator has to say what it is. */
  readonly quick?: { readonly from: string; readonly name: string };
}
