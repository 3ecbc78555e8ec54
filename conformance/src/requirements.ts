/** One promise of the protocol. */
export interface Requirement {
  /** What a peer can rely on. */
  readonly behaviour: string;
  /** Section of the exec-server protocol reference, or of the one named before the number. */
  readonly section: string;
}

/** Every behaviour that scenarios and the corpus of refused messages cite. None may be left uncited. */
export const REQUIREMENTS = {
  "envelope.shapes": {
    section: "1.1",
    behaviour: "Requests, notifications, successes and failures are told apart by their members.",
  },
  "envelope.unknown-members": { section: "1.1", behaviour: "Unknown members are ignored." },
  "envelope.malformed": {
    section: "1.3",
    behaviour: "What is no envelope is answered with id -1 and code -32600; the line lives on.",
  },
  "envelope.unknown-method": { section: "1.2", behaviour: "An unknown method is answered with -32601." },
  "envelope.params": { section: "1.2", behaviour: "Parameters that do not decode are answered with -32602." },
  "envelope.violation-closes": {
    section: "1.4",
    behaviour: "A notification nobody knows ends the line, with a reason.",
  },
  "dispatch.pipelining": { section: "16.1", behaviour: "However many requests are pipelined, each is answered." },
  "dispatch.no-head-of-line": { section: "16.4", behaviour: "A long poll delays no other request." },
  "handshake.sequence": { section: "3.1", behaviour: "initialize, its answer, initialized: then everything works." },
  "handshake.gate": { section: "3.1", behaviour: "Before the handshake methods are refused with -32600." },
  "auth.credentials": {
    section: "2.5",
    behaviour: "A listener that asks for credentials answers a handshake without the right ones with 401 and a reason.",
  },
  "auth.signed-tokens": {
    section: "2.5",
    behaviour: "A signed token counts by HS256 alone, for its time, its issuer and its audience.",
  },
  "auth.start-errors": {
    section: "2.5",
    behaviour: "Options of authentication that do not go together end the start with 1 and a reason.",
  },
  "session.resume": {
    section: "3.2",
    behaviour: "Processes outlive a lost connection; its session is resumed by id, and nothing is missing.",
  },
  "path.uri": { section: "4", behaviour: "Paths are absolute file: URIs; anything else is -32602." },
  "start.argv": { section: "5.1", behaviour: "argv runs in cwd with the given environment; an empty one is -32602." },
  "start.process-id": {
    section: "5.2",
    behaviour: "A process id names one process of a session; its reuse is -32600.",
  },
  "start.spawn-errors": { section: "5.2", behaviour: "A missing program or folder is -32603 with the system's text." },
  "start.error-kinds": {
    section: "release-0.171 1.1",
    behaviour: "A start that the system or the sandbox refused has data with a kind.",
  },
  "start.environment": {
    section: "5.5",
    behaviour: "Without a policy env is everything; with one the executor builds the rest.",
  },
  "start.non-utf8-environment": {
    section: "16.6",
    behaviour: "An executor whose own environment is not UTF-8 still starts processes.",
  },
  "start.pty": { section: "5.3", behaviour: "With tty the child owns a terminal, 24 by 80." },
  "start.pty-missing-folder": { section: "16.9", behaviour: "A terminal in a missing folder is an error." },
  "start.sandbox-kinds": { section: "8.1", behaviour: "Unknown kinds in a permission profile are refused." },
  "output.notices": {
    section: "6.1",
    behaviour: "Output, exit and close are pushed with one gapless sequence per process.",
  },
  "output.before-exit": {
    section: "16.18",
    behaviour: "What was written before the exit has a lower sequence number.",
  },
  "exit.code": { section: "5.4", behaviour: "The exit code is the program's, 128 + n for a signal." },
  "exit.close-last": {
    section: "5.4",
    behaviour: "Close comes once, last, when exit and both streams' ends are known.",
  },
  "exit.sandbox-denied": {
    section: "13.5",
    behaviour: "A complete pushed stream costs no read; a missing sandboxDenied exactly one.",
  },
  "read.window": {
    section: "6.3",
    behaviour: "process/read gives retained chunks after a sequence number and the state.",
  },
  "write.accepted": { section: "6.4", behaviour: "Accepted input reaches the program once per writeId." },
  "write.order": { section: "16.5", behaviour: "Pipelined writes to one process keep their order." },
  "write.stdin-closed": { section: "6.4", behaviour: "Input to a program without stdin answers stdinClosed." },
  "signal.interrupt": { section: "6.5", behaviour: "interrupt reaches the whole process group." },
  "terminate.group": {
    section: "6.5",
    behaviour: "terminate kills the process group; a process that is gone answers running: false.",
  },
  "environment.info": { section: "9", behaviour: "The executor tells its shell, and from 0.144 its folder." },
  "fs.read-file": { section: "10", behaviour: "fs/readFile gives the bytes of a regular file." },
  "fs.write-file": { section: "10", behaviour: "fs/writeFile creates or replaces the content." },
  "fs.write-loses-nothing": { section: "16.7", behaviour: "A write that fails half way leaves the old content." },
  "fs.create-directory": { section: "10", behaviour: "fs/createDirectory makes parents by default." },
  "fs.metadata": { section: "10", behaviour: "fs/getMetadata tells type, size and times." },
  "fs.directory": { section: "10", behaviour: "fs/readDirectory lists names and kinds." },
  "fs.remove": { section: "10", behaviour: "fs/remove deletes, recursively by default." },
  "fs.remove-home": { section: "10", behaviour: "Removing a root or the user's home is refused." },
  "fs.copy": { section: "10.1", behaviour: "fs/copy copies files and, when told so, trees." },
  "fs.copy-itself": { section: "16.7", behaviour: "A file copied onto itself keeps its content." },
  "fs.walk": { section: "10.2", behaviour: "fs/walk lists a tree within bounds." },
  "fs.odd-names": {
    section: "16.8",
    behaviour: "Names with control characters or invalid UTF-8 survive a round trip.",
  },
  "fs.handles": { section: "10.3", behaviour: "Handles give blocks; an unknown handle is -32004." },
  "http.request": {
    section: "11",
    behaviour: "http/request works on the executor's network; error statuses are results.",
  },
  "http.stream": { section: "11", behaviour: "A streamed body comes in numbered pieces and an empty last one." },
  "http.cancel": { section: "11", behaviour: "The end of a connection ends its requests at their origin." },
  "fs.not-found": { section: "2.1", behaviour: "What is not there is -32004." },
  "sandbox.processes": { section: "sandbox 8", behaviour: "A confined command does what its profile allows." },
  "sandbox.files": { section: "sandbox 12", behaviour: "A confined file operation reaches what its profile allows." },
  "sandbox.links": { section: "sandbox 15", behaviour: "No link and no race leads out of a sandbox." },
  "sandbox.kernel": { section: "sandbox 6", behaviour: "System calls that lead out of a sandbox are refused." },
  "sandbox.host": { section: "sandbox 5.1", behaviour: "Processes and descriptors of the host are out of reach." },
  "sandbox.metadata": { section: "sandbox 4.3", behaviour: "What configures tools outside can't be written inside." },
  "sandbox.network": { section: "sandbox 9.2", behaviour: "A managed network fails closed." },
  "sandbox.denial": { section: "sandbox 13", behaviour: "Exit events tell whether the sandbox was the reason." },
  "holdfast.trees": {
    section: "holdfast",
    behaviour: "Folders are one archive: by the extension, or by the `tar` of other executors.",
  },
  "holdfast.process-control": {
    section: "holdfast",
    behaviour:
      "End of input, signals, sizes and lists of processes come by the extension, and only to who asks for it.",
  },
  "holdfast.process-ending": {
    section: "holdfast",
    behaviour:
      "A process ends with all that descends from it, when that is asked for and when its client has been gone for longer than it may.",
  },
  "holdfast.sharing": {
    section: "holdfast",
    behaviour:
      "A second client reads along at a process, or takes its input for a while; what its own client writes meanwhile follows.",
  },
  "holdfast.connections": {
    section: "holdfast",
    behaviour: "A TCP connection of the executor's machine is a process to the client.",
  },
  "holdfast.listeners": {
    section: "holdfast",
    behaviour: "Who connects to a port of the executor's machine is a process to the client that has it listen there.",
  },
  "holdfast.files": {
    section: "holdfast",
    behaviour:
      "Links, attributes, renaming, appending, searching and watching: by the extension, or by commands on other executors.",
  },
  "exec.reads": {
    section: "orchestrator 4.7",
    behaviour: "A command whose events come whole costs no read; what is missing costs one.",
  },
  "exec.interrupt": {
    section: "orchestrator 4.4",
    behaviour: "Ctrl-C to a command without a terminal is an interrupt, and the command's own exit code counts.",
  },
  "exec.words": {
    section: "orchestrator 4.2",
    behaviour: "A model reads the same of the same commands, whoever runs them.",
  },
} as const satisfies Record<string, Requirement>;

export type RequirementId = keyof typeof REQUIREMENTS;
