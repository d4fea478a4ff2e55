// The forms of several options and arguments. commander calls each parser, which throws its InvalidArgumentError.

import { InvalidArgumentError } from "commander";
import { DURATION_FORM, parseDuration } from "../model/index.ts";

/** For `--top N`, `--seconds N` and the like. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("Accepted is a whole number from 1.");
  return Number(text);
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Accepted is a whole number from ${least} to ${most}.`);
  };
}

/** In milliseconds. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError(`Accepted is ${DURATION_FORM}.`);
  return ms;
}
