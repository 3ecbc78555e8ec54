import type { LogFields } from "@holdfast/executor";
import { PRINTABLE_MAX_LENGTH, printable, printableLines } from "../../command-line/printable.ts";
import type { LogFormat, Severity } from "./log-settings.ts";
import { redacted, redactedWords } from "./redact.ts";

/** One record of a log. */
export interface LogRecord {
  readonly time: Date;
  readonly severity: Severity;
  readonly message: string;
  readonly fields: LogFields;
}

type Value = NonNullable<LogFields[string]>;

/** Members of a JSON record that no field may replace. */
const OWN_MEMBERS = ["time", "level", "message"];

/** Most characters of one field. */
const FIELD_MAX_LENGTH = 1_024;

/** Nothing in it has to be put into quotation marks. */
const BARE = /^[\w./:@+,%~-]+$/;

/**
 * One line, with its end: what others wrote into a record can't look like another record, steer a terminal, or tell a secret that can be
 * recognized.
 */
export function logLine(format: LogFormat, record: LogRecord): string {
  return format === "json" ? jsonLine(record) : textLine(record);
}

function textLine({ time, severity, message, fields }: LogRecord): string {
  const pairs = shownFields(fields).map(([name, value]) => ` ${name}=${textOf(value)}`);
  return `${time.toISOString()} ${severity} ${printable(redactedStart(message))}${pairs.join("")}\n`;
}

function jsonLine({ time, severity, message, fields }: LogRecord): string {
  const own = { time: time.toISOString(), level: severity, message: cut(redactedStart(message), PRINTABLE_MAX_LENGTH) };
  const others = Object.fromEntries(shownFields(fields).filter(([name]) => !OWN_MEMBERS.includes(name)));
  return `${printableLines(JSON.stringify({ ...own, ...others }))}\n`;
}

function shownFields(fields: LogFields): readonly (readonly [string, Value])[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, shownValue(value)] as const],
  );
}

function shownValue(value: Value): Value {
  if (typeof value === "string") return cut(redactedStart(value), FIELD_MAX_LENGTH);
  if (typeof value === "number" || typeof value === "boolean") return value;
  return redactedWords(value.map((word) => word.slice(0, 2 * FIELD_MAX_LENGTH))).map((word) =>
    cut(word, FIELD_MAX_LENGTH),
  );
}

/** Only of what is shown afterwards, so that no text takes long. */
function redactedStart(text: string): string {
  return redacted(text.slice(0, 2 * PRINTABLE_MAX_LENGTH));
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function textOf(value: Value): string {
  if (typeof value === "string" && BARE.test(value)) return value;
  return printableLines(JSON.stringify(value));
}
