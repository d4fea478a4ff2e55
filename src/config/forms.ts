// The forms that values take, each with what it accepts in words. Values are parsed here, once: a duration leaves as
// milliseconds, a network as bytes.

import { z } from "zod";
import { formatDuration, type Network, parseDuration, parseNetwork } from "../model/index.ts";

/** The accepted values of each form, in words. Not zod's own registry, which all users of zod share. */
const ACCEPTED = new WeakMap<object, string>();

/** The words of a schema that is one of these forms; null for any other. */
export function acceptedWords(schema: object): string | null {
  return ACCEPTED.get(schema) ?? null;
}

function form<T>(schema: z.ZodType<T>, accepted: string): z.ZodType<T> {
  ACCEPTED.set(schema, accepted);
  return schema;
}

/** The forms whose values are milliseconds. */
const DURATIONS = new WeakSet<object>();

/** Whether a schema is a duration's form, whose value is milliseconds. */
export function isDuration(schema: object): boolean {
  return DURATIONS.has(schema);
}

function durationForm<T>(schema: z.ZodType<T>, accepted: string): z.ZodType<T> {
  DURATIONS.add(schema);
  return form(schema, accepted);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

export function choice<const T extends readonly string[]>(values: T): z.ZodType<T[number]> {
  const [...names] = values;
  return form(
    z.enum(names as [T[number], ...T[number][]]) as z.ZodType<T[number]>,
    `one of ${names.join(", ")}`,
  );
}

export function flag(): z.ZodType<boolean> {
  return form(z.boolean(), "true or false");
}

export function integer({ min, max }: Range): z.ZodType<number> {
  return form(z.int().min(min).max(max), `a whole number from ${min} to ${max}`);
}

/** A limit, or null for `off`. */
export function integerOrOff(range: Range): z.ZodType<number | null> {
  const { min, max } = range;
  const off = z.literal("off").transform(() => null);
  return form(z.union([z.int().min(min).max(max), off]), `a whole number from ${min} to ${max}, or off`);
}

export function decimal({ min, max }: Range): z.ZodType<number> {
  return form(z.number().min(min).max(max), `a number from ${min} to ${max}`);
}

/** A share above 0, at most 1. */
export function share(): z.ZodType<number> {
  return form(z.number().gt(0).max(1), "a share above 0 and at most 1, such as 0.7");
}

/** `5%`, as a share of 1. */
export function percentage(): z.ZodType<number> {
  const schema = z
    .string()
    .regex(/^\d{1,3}(\.\d+)?%$/)
    .transform((text, context) => {
      const percent = Number(text.slice(0, -1));
      if (percent > 0 && percent <= 100) return percent / 100;
      return refuseValue(context, "is out of range");
    });
  return form(schema, "a percentage above 0% and at most 100%, such as 5%");
}

/** The pattern of parseDuration's text, for editors. */
const DURATION = "(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+";

/** Milliseconds. */
export function duration(range: Range): z.ZodType<number> {
  const schema = z
    .string()
    .regex(new RegExp(`^${DURATION}$`))
    .transform((text, context) => readDuration(text, range, context));
  return durationForm(schema, durationWords(range));
}

/** Milliseconds, or null for `off`. */
export function durationOrOff(range: Range): z.ZodType<number | null> {
  const schema = z
    .string()
    .regex(new RegExp(`^(off|${DURATION})$`))
    .transform((text, context) => (text === "off" ? null : readDuration(text, range, context)));
  return durationForm(schema, `${durationWords(range)}, or off`);
}

function durationWords({ min, max }: Range): string {
  return `a duration such as 500ms, 5s, 10m, 2h, 1d, from ${formatDuration(min)} to ${formatDuration(max)}`;
}

function readDuration(text: string, { min, max }: Range, context: z.RefinementCtx): number {
  const ms = parseDuration(text);
  if (ms === null || ms > max) return refuseValue(context, "is too long");
  return ms < min ? refuseValue(context, "is too short") : ms;
}

/** A count in a time: a mapping of both, or `128 per 10m`; null for `off`. */
export function countInTime(count: Range, per: Range): z.ZodType<{ count: number; perMs: number } | null> {
  const mapping = z
    .strictObject({ count: integer(count), per: duration(per) })
    .transform((value) => ({ count: value.count, perMs: value.per }));
  const text = z
    .string()
    .regex(new RegExp(`^(off|\\d+ per ${DURATION})$`))
    .transform((value, context) => {
      if (value === "off") return null;
      const [number, , time] = value.split(" ");
      if (Number(number) < count.min || Number(number) > count.max)
        return refuseValue(context, "is out of range");
      return { count: Number(number), perMs: readDuration(time!, per, context) };
    });
  const accepted = "a number in a time: 128 per 10m, or { count: 128, per: 10m }, or off";
  return form(z.union([mapping, text]), accepted);
}

export function pattern(regex: RegExp, accepted: string): z.ZodType<string> {
  return form(z.string().regex(regex), accepted);
}

export function network(): z.ZodType<Network> {
  const schema = z
    .string()
    .transform((text, context) => parseNetwork(text) ?? refuseValue(context, "is no address or network"));
  return form(schema, "an IPv4 or IPv6 address or network: 192.0.2.1, 192.0.2.0/24, 2001:db8::/48");
}

export function absolutePath(bytesMax = 4095): z.ZodType<string> {
  const schema = z
    .string()
    .regex(/^\/[^\0]*$/)
    .refine((text) => Buffer.byteLength(text) <= bytesMax, { message: "is too long" });
  return form(schema, `a path that begins with / and has at most ${bytesMax} bytes`);
}

/** A port each, none twice. */
export function portList(most: number): z.ZodType<number[]> {
  const schema = z
    .array(integer({ min: 1, max: 65_535 }))
    .min(1)
    .max(most)
    .superRefine((ports, context) => {
      for (const [i, port] of ports.entries()) {
        if (ports.indexOf(port) < i)
          context.addIssue({ code: "custom", path: [i], message: "is there twice" });
      }
    });
  return form(schema, `a list of ports from 1 to 65535, such as [5060, 5061], at most ${most}`);
}

/** Notes why a text of the right form is not accepted. */
export function refuseValue(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

/** Any other form, for a setting that alone has it. */
export function parsed<T>(read: (text: string) => T | null, accepted: string): z.ZodType<T> {
  const schema = z
    .string()
    .transform((text, context) => read(text) ?? refuseValue(context, "is not accepted"));
  return form(schema, accepted);
}

/** A text that may look like a number: YAML tells the two apart by their looks alone. */
export function numberOrText(regex: RegExp, accepted: string): z.ZodType<string> {
  const schema = z
    .union([z.int(), z.string()])
    .transform((value, context) =>
      regex.test(String(value)) ? String(value) : refuseValue(context, "is not accepted"),
    );
  return form(schema, accepted);
}
