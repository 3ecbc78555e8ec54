import type { FileView } from "../machine.ts";

/** A view that asks the machine once for each answer, so that one plan does not contradict itself. */
export function rememberingFiles(files: FileView): FileView {
  const kindOf = once((path: string) => files.kindOf(path));
  return {
    kindOf,
    factsOf: once((path) => files.factsOf(path)),
    realpath: once((path) => files.realpath(path)),
    readlink: once((path) => (kindOf(path) === "symlink" ? files.readlink(path) : undefined)),
    canCreateIn: once((path) => files.canCreateIn(path)),
    list: once((path) => files.list(path)),
    readText: (path, maxBytes) => files.readText(path, maxBytes),
    readBytes: (path, maxBytes) => files.readBytes(path, maxBytes),
  };
}

function once<Answer>(ask: (path: string) => Answer): (path: string) => Answer {
  const answers = new Map<string, Answer>();
  return (path) => {
    const known = answers.get(path);
    if (known !== undefined || answers.has(path)) return known as Answer;
    const answer = ask(path);
    answers.set(path, answer);
    return answer;
  };
}
