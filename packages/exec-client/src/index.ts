export {
  ERROR_CODES,
  type ErrorName,
  InvalidMessageError,
  isInvalidMessageError,
} from "@holdfast/exec-server-protocol";
export { displayPath, type PathUri, toNativePath } from "@holdfast/path-uri";
export type { FileSystemSandboxContext } from "@holdfast/permission-profile";
export {
  type ClientCertificate,
  type Clock,
  type Delivery,
  type FramePort,
  isLinkError,
  isRemoteError,
  LinkError,
  type LinkErrorCode,
  type PortClose,
  RemoteError,
  type Timer,
} from "@holdfast/rpc";
export type { Bytes } from "./bytes.ts";
export { type ConnectOptions, connect, type RecoveryOptions } from "./connect.ts";
export type { ConnectionTarget, ListenOptions } from "./connection-place.ts";
export { CAPABILITY_NAMES, type CapabilityName, type Environment } from "./environment.ts";
export { CommandFailedError, isCommandFailed } from "./errors/command-failed-error.ts";
export { ConnectionError, isConnectionError } from "./errors/connection-error.ts";
export { FetchDeniedError, isFetchDenied } from "./errors/fetch-denied-error.ts";
export { FetchError, isFetchError } from "./errors/fetch-error.ts";
export { FileError, isFileError } from "./errors/file-error.ts";
export { LineTooLongError } from "./errors/line-too-long-error.ts";
export { isListenError, ListenError } from "./errors/listen-error.ts";
export {
  CommandNotFoundError,
  isCommandNotFound,
  isStartError,
  StartError,
  type StartErrorReason,
} from "./errors/start-error.ts";
export { isUnsupported, UnsupportedError } from "./errors/unsupported-error.ts";
export {
  FileTransferError,
  HttpBodyError,
  InvalidArgumentError,
  isNotFound,
  isSessionGone,
  OutputGapError,
  ProcessEventsError,
  ProcessInputError,
  SessionGoneError,
  UnknownProcessError,
} from "./errors.ts";
export type { Executor, ExecutorState } from "./executor.ts";
export type { BlockSink } from "./filesystem/block-sink.ts";
export type { ExecutorFileSystem } from "./filesystem/executor-fs.ts";
export type { BlockCallOptions, RemoteFileHandle } from "./filesystem/file-handle.ts";
export type { OpenMode } from "./filesystem/file-operations.ts";
export type { ReadStreamRange } from "./filesystem/read-stream.ts";
export type { GlobEntry, GlobOptions, SearchMatch, SearchOptions, SearchProblem } from "./filesystem/search-types.ts";
export type { StagedFile } from "./filesystem/staged-file.ts";
export type {
  CopiedNode,
  FolderMode,
  StagedTree,
  StagedTreeFileOptions,
  StagedTreeOptions,
  TreeNode,
  TreeOutcome,
  TreeProblem,
} from "./filesystem/staged-tree.ts";
export type {
  DirectoryEntry,
  EntryKind,
  FileBlock,
  FileCallOptions,
  FileData,
  FileMetadata,
  FileStats,
  LinkedFileCallOptions,
  PlaceOptions,
  RemoveOptions,
  RenameOptions,
  WalkOptions,
  WalkResult,
  WriteFileOptions,
  WriteStreamOptions,
} from "./filesystem/types.ts";
export type { FileWatch, WatchEvent, WatchOptions } from "./filesystem/watch-types.ts";
export type { BridgeTool } from "./forward/bridge-tools.ts";
export type { Forwarding, ForwardOptions, ForwardReverseOptions, ForwardTarget } from "./forward/types.ts";
export type { EnvHeader, FetchOptions } from "./http/request-params.ts";
export type { KnownConvention, RemotePath } from "./paths.ts";
export type {
  ClosedEvent,
  ExitedEvent,
  ExitStatus,
  OutputEvent,
  OutputStream,
  ProcessEvent,
} from "./process/events.ts";
export type { EventsOptions } from "./process/events-of.ts";
export type { InputSource } from "./process/input/input-source.ts";
export type { LinesOptions } from "./process/lines-of.ts";
export type { ListedProcess } from "./process/list-processes.ts";
export type { CollectedOutput, OutputEncoding, OutputIn } from "./process/output-collector.ts";
export type { ProcessListener } from "./process/process-listener.ts";
export type { EndOptions, KillOptions, RunningProcess } from "./process/running-process.ts";
export type { SignalName } from "./process/signal-names.ts";
export type { StartCallOptions } from "./process/start-call.ts";
export type { EnvironmentPolicy, ProcessOptions, StartOptions } from "./process/start-options.ts";
export type { TerminalSize } from "./process/terminal-size.ts";
export type { AttachOptions, Processes } from "./processes.ts";
export { isRelayUrl, relayUrl } from "./relay/relay-url.ts";
export { retryAcrossReconnects } from "./retry-across-reconnects.ts";
export { RunInterruptedError, type RunOptions, type RunResult } from "./run-types.ts";
export { placedSandbox } from "./sandbox/placed-sandbox.ts";
export type { NetworkRules, Sandbox, SandboxRules } from "./sandbox/sandbox.ts";
export { sandboxContextOf } from "./sandbox/sandbox-context.ts";
export type { SandboxDenial } from "./sandbox/sandbox-denial.ts";
export type {
  ConnectTarget,
  DialTarget,
  ResolvedTarget,
  ResolvedUrl,
  StdioTarget,
} from "./session/connect-target.ts";
export type { TakenInput } from "./sharing/taken-input.ts";
export type { WatchTarget } from "./sharing/watch-process.ts";
export type { InputHolder, MissedEvents, WatchEventsOptions, WatchedProcess } from "./sharing/watched-process.ts";
export type { ScriptOptions, ShellOptions, ShellTemplate } from "./shell/shell-template.ts";
export type { ShellValue } from "./shell/shell-value.ts";
export type { FarPlatform, FarProgram, SshTarget } from "./ssh/ssh-target.ts";
