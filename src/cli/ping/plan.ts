// From the arguments to the plan: everything is checked and files are read, so that a run has nothing left to refuse.

import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type IpFamily, parseAddress, reasonOf } from "../../model/index.ts";
import {
  type CodeExpectation,
  type Credentials,
  EXPECT_FORM,
  type ProbeMethod,
  type ProbeOptions,
  parseExpectation,
  parseTarget,
  RFC_TIMERS,
  randomFraction,
  registeredUser,
  systemResolver,
  type Target,
  type TlsOptions,
  utf8ByteString,
} from "../../sip/index.ts";
import type { NagiosLimits } from "./nagios.ts";

/** As commander hands them over. */
export interface PingArguments {
  readonly count?: number;
  readonly interval?: number;
  readonly timeout?: number;
  readonly all?: true;
  readonly method: ProbeMethod;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly expect?: string;
  readonly tlsMin: "1.0" | "1.1" | "1.2" | "1.3";
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: true;
  readonly certWarn: number;
  readonly certCrit: number;
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly bind?: string;
  readonly keepBinding?: true;
  readonly rfcTimers?: true;
  readonly maxForwards: number;
  readonly warning?: number;
  readonly critical?: number;
  readonly json?: true;
  readonly nagios?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export interface PingPlan {
  readonly target: Target;
  readonly probe: ProbeOptions;
  readonly all: boolean;
  /** Null for no end. */
  readonly count: number | null;
  readonly intervalMs: number;
  readonly format: "text" | "json" | "nagios";
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly limits: NagiosLimits;
}

/** Wrong usage that shows only when arguments are seen together. */
export class PingUsageError extends Error {
  override readonly name = "PingUsageError";
}

const INTERVAL_MS = 1000;
const DEADLINE_MS = 5000;
/** Far above any honest way to a server and back; a connection that waited for a descriptor took 2.9 s. */
const LATE_AFTER_MS = 2000;
const TLS_VERSIONS = { "1.0": "TLSv1", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3" } as const;

/** Throws `PingUsageError`. `password` is the environment's. */
export function planPing(
  targetText: string,
  given: PingArguments,
  password: string | null,
  version: string,
): PingPlan {
  const target = parseTarget(targetText);
  if ("kind" in target) throw new PingUsageError(`target ${JSON.stringify(targetText)}: ${target.why}`);
  const credentials = readCredentials(given, target, password);
  if (given.method === "REGISTER" && registeredUser(target, credentials) === null)
    throw new PingUsageError("REGISTER is for a user: give sip:USER@HOST, or --user");
  return {
    target,
    probe: probeOptions(given, credentials, version),
    all: given.all === true,
    count: given.count ?? (given.nagios ? 1 : null),
    intervalMs: given.interval ?? INTERVAL_MS,
    format: given.nagios ? "nagios" : given.json ? "json" : "text",
    quiet: given.quiet === true,
    verbose: given.verbose === true,
    limits: {
      warningMs: given.warning ?? null,
      criticalMs: given.critical ?? null,
      certificateWarnDays: given.certWarn,
      certificateCritDays: given.certCrit,
    },
  };
}

function probeOptions(given: PingArguments, credentials: Credentials | null, version: string): ProbeOptions {
  return {
    method: given.method,
    credentials,
    deadlineMs: given.timeout ?? (given.rfcTimers ? RFC_TIMERS.timeoutMs : DEADLINE_MS),
    lateAfterMs: given.warning ?? given.critical ?? LATE_AFTER_MS,
    expectation: expectationOf(given),
    timers: RFC_TIMERS,
    maxForwards: given.maxForwards,
    userAgent: `sockwarden/${version}`,
    localAddress: localAddressOf(given),
    tls: tlsOptions(given),
    lookup: { resolver: systemResolver(), random: randomFraction, family: wantedFamily(given) },
    keepBinding: given.keepBinding === true,
    wallClockMs: () => Date.now(),
  };
}

function tlsOptions(given: PingArguments): TlsOptions {
  if ((given.cert === undefined) !== (given.key === undefined))
    throw new PingUsageError("--cert and --key belong together");
  const ca = given.ca === undefined ? null : readText(given.ca, "--ca");
  const certificate =
    given.cert === undefined || given.key === undefined
      ? null
      : { cert: readText(given.cert, "--cert"), key: readText(given.key, "--key") };
  checkPem({ ...(ca === null ? {} : { ca }), ...certificate });
  return { minVersion: TLS_VERSIONS[given.tlsMin], ca, certificate, insecure: given.insecure === true };
}

/** Tries the file here once: a bad certificate is wrong usage, not the server's fault. */
function checkPem(options: { readonly ca?: string; readonly cert?: string; readonly key?: string }): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw new PingUsageError(`--ca, --cert, --key: ${reasonOf(error)}`);
  }
}

function expectationOf({ expect }: PingArguments): CodeExpectation | null {
  if (expect === undefined) return null;
  const expectation = parseExpectation(expect);
  if (expectation === null) throw new PingUsageError(`--expect ${expect}: accepted are ${EXPECT_FORM}`);
  return expectation;
}

function localAddressOf({ bind }: PingArguments): string | null {
  if (bind !== undefined && parseAddress(bind) === null)
    throw new PingUsageError(`--bind: ${bind} is no address`);
  return bind ?? null;
}

function wantedFamily({ ipv4, ipv6 }: PingArguments): IpFamily | null {
  if (ipv4 && ipv6) throw new PingUsageError("-4 and -6 exclude each other");
  return ipv4 ? 4 : ipv6 ? 6 : null;
}

/** Never from the command line, where every user of the machine can read it. */
function readCredentials(
  given: PingArguments,
  target: Target,
  environment: string | null,
): Credentials | null {
  const file = given.passwordFile;
  const password =
    file === undefined ? environment : (readText(file, "--password-file").split(/\r?\n/, 1)[0] ?? "");
  const user = given.user ?? (file === undefined ? null : target.user);
  if (user === null) {
    if (file !== undefined)
      throw new PingUsageError("--password-file needs a user: give --user, or sip:USER@HOST");
    return null;
  }
  if (password === null)
    throw new PingUsageError("--user needs a password: give --password-file, or set SOCKWARDEN_PASSWORD");
  return { user: utf8ByteString(user), password: utf8ByteString(password) };
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new PingUsageError(`${option}: ${reasonOf(error)}`);
  }
}
