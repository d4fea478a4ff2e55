// The log: a line an event. As JSON where a program reads it (journald, a file), as plain text where a person does.

import { pino } from "pino";
import type { ApiLog, EventDocument } from "../api/index.ts";

export type LogFormat = "text" | "json";

/** `fields` say the same for programs, and more than a line has room for. */
export interface Log {
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  event(event: EventDocument): void;
}

/** `error` is where a failure comes from, in several lines. */
export type LogFields = Readonly<{ error?: string }> & object;

export interface LogTarget {
  write(text: string): unknown;
}

export function openLog(format: LogFormat, target: LogTarget): Log {
  return format === "json" ? jsonLog(target) : textLog(target);
}

/** The log as the API writes to it. */
export function apiLog(log: Log): ApiLog {
  return {
    info: (fields, text) => log.info(text, fields),
    error: (fields, text) => log.error(text, fields),
  };
}

function jsonLog(target: LogTarget): Log {
  const logger = pino(
    {
      base: { name: "sockwarden" },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (text: string) => void target.write(text) },
  );
  return {
    info: (text, fields = {}) => logger.info(fields, text),
    warn: (text, fields = {}) => logger.warn(fields, text),
    error: (text, fields = {}) => logger.error(fields, text),
    event: ({ text, at: _, ...rest }) => logger[levelOf(rest)](rest, text),
  };
}

/** A person reads the lines. Of the fields only the origin of a failure says more than they do. */
function textLog(target: LogTarget): Log {
  const line = (level: string, text: string, { error }: LogFields = {}): void => {
    const time = new Date().toISOString().slice(11, 23);
    const origin = error === undefined ? [] : error.split("\n").map((from) => `    ${harmless(from.trim())}`);
    target.write(`${[`${time} ${level.padEnd(7)} ${harmless(text)}`, ...origin].join("\n")}\n`);
  };
  return {
    info: (text, fields) => line("", text, fields),
    warn: (text, fields) => line("warning", text, fields),
    error: (text, fields) => line("error", text, fields),
    event: (event) => line(event.event, event.text),
  };
}

function levelOf({ event, finding }: Pick<EventDocument, "event" | "finding">): "info" | "warn" | "error" {
  if (finding?.severity === "critical") return "error";
  return finding?.severity === "warning" || event === "health" ? "warn" : "info";
}

/** Text that others chose (names of processes, reasons) must not steer a terminal. */
function harmless(text: string): string {
  return text.replaceAll(/[^\P{C}\t]/gu, "?");
}
