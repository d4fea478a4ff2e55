// The log: a line an event. As JSON where a program reads it (journald, a file), as plain text where a person does.

import { pino } from "pino";
import type { EventDocument } from "../api/index.ts";

export type LogFormat = "text" | "json";

export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  event(event: EventDocument): void;
}

export interface LogTarget {
  write(text: string): unknown;
}

export function openLog(format: LogFormat, target: LogTarget): Log {
  return format === "json" ? jsonLog(target) : textLog(target);
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
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    error: (text) => logger.error(text),
    event: ({ text, at: _, ...rest }) => logger[levelOf(rest)](rest, text),
  };
}

function textLog(target: LogTarget): Log {
  const line = (level: string, text: string): void => {
    const time = new Date().toISOString().slice(11, 23);
    target.write(`${time} ${level.padEnd(7)} ${printable(text)}\n`);
  };
  return {
    info: (text) => line("", text),
    warn: (text) => line("warning", text),
    error: (text) => line("error", text),
    event: (event) => line(event.event, event.text),
  };
}

function levelOf({ event, finding }: Pick<EventDocument, "event" | "finding">): "info" | "warn" | "error" {
  if (finding?.severity === "critical") return "error";
  return finding?.severity === "warning" || event === "health" ? "warn" : "info";
}

/** What others chose (names of processes, reasons) must not steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\t]/gu, "?");
}
