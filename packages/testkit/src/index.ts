export { badFrames, type FrameFault, type FrameFaults } from "./bad-frames/bad-frames.ts";
export type { FrameChoice } from "./bad-frames/choose.ts";
export { dropFrames } from "./bad-frames/drop.ts";
export { duplicateFrames } from "./bad-frames/duplicate.ts";
export type { Frame, FrameLine, FrameLineReceiver } from "./bad-frames/frame-line.ts";
export { LateGeneration } from "./bad-frames/late-generation.ts";
export { reorderFrames } from "./bad-frames/reorder.ts";
export { BadLine, type BadLineOptions } from "./bad-line/bad-line.ts";
export type { Direction } from "./bad-line/direction.ts";
export type { SlowReaderOptions } from "./bad-line/slow-reader.ts";
export {
  CLIENT_CERTIFICATE,
  SECOND_SERVER_CERTIFICATE,
  SERVER_CERTIFICATE,
  STRANGER_CERTIFICATE,
  TEST_CA,
  type TestCertificate,
} from "./certificates.ts";
export { FakeClock } from "./fake-clock.ts";
export { isAlive } from "./is-alive.ts";
export { type LeakGuard, leakGuard } from "./leak-guard.ts";
export {
  missingForNats,
  type NatsServer,
  type NatsServers,
  type NatsServersOptions,
  startNatsServers,
} from "./nats/nats-servers.ts";
export { type ProgramName, programPath } from "./programs.ts";
export { mountSmallDisk, type SmallDisk } from "./small-disk.ts";
export { type LikeSshOptions, likeSsh } from "./ssh/like-ssh.ts";
export {
  missingForSsh,
  type SshClientOptions,
  type SshServer,
  type SshServerOptions,
  startSshServer,
} from "./ssh/ssh-server.ts";
export { type TempDir, tempDir } from "./temp-dir.ts";
export { type UntilOptions, until } from "./until.ts";
export { WireClient, type WireClose, type WireMessage, WireTimeoutError } from "./wire-client.ts";
