export { type AttachTerminalOptions, attachTerminal } from "./attach-terminal.ts";
export { followTerminalSize, terminalSizeOf } from "./follow-terminal-size.ts";
export type { LocalTerminal, LocalTerminalInput, LocalTerminalOutput } from "./local-terminal.ts";
