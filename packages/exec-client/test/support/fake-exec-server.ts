export {
  chunk,
  FakeExecServer,
  type Handler,
  type HandlerParams,
  LINUX_INFO,
  NO_ANSWER,
  Refusal,
  readResult,
} from "@holdfast/testkit/servers";
