// Finds from where people are logged in: whoever types commands on this host must not be shut out by it. The source is
// utmp(5), or logind's session files if there is no utmp any more. A bare connection to sshd is no login, and buys
// nothing.
//
//   struct utmp (bits/utmp.h, 384 bytes):  0 ut_type (i16, 7: USER_PROCESS)   348 ut_addr_v6 (four words in network order)

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Address, isUnspecified, parseAddress } from "../model/index.ts";
import { isAbsentOrForbidden, readTextIfAllowed } from "./system-root.ts";

const UTMP_BYTES = 384;
const USER_PROCESS = 7;
const TYPE_OFFSET = 0;
const ADDRESS_OFFSET = 348;
const IPV4_BYTES = 4;
const SESSIONS_MAX = 10_000;

export interface LoginPlaces {
  readonly utmp: string;
  readonly sessions: string;
}

export const LOGIN_PLACES: LoginPlaces = { utmp: "/run/utmp", sessions: "/run/systemd/sessions" };

/** The addresses that people are logged in from. Empty if nothing tells. */
export function readLoginPeers({ utmp, sessions }: LoginPlaces): Address[] {
  return [...parseUtmp(readBytes(utmp)), ...readSessions(sessions)];
}

export function parseUtmp(bytes: Uint8Array): Address[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const peers: Address[] = [];
  for (let at = 0; at + UTMP_BYTES <= bytes.byteLength; at += UTMP_BYTES) {
    if (view.getInt16(at + TYPE_OFFSET, true) !== USER_PROCESS) continue;
    const address = addressOf(bytes.subarray(at + ADDRESS_OFFSET, at + ADDRESS_OFFSET + 16));
    if (!isUnspecified(address)) peers.push(address);
  }
  return peers;
}

/** An address of utmp. An IPv4 address stands in the first word, and the others are zero. */
function addressOf(bytes: Uint8Array): Address {
  const isV4 = bytes.subarray(IPV4_BYTES).every((byte) => byte === 0);
  return isV4 ? parseAddress(bytes.subarray(0, IPV4_BYTES).join("."))! : Uint8Array.from(bytes);
}

function readSessions(folder: string): Address[] {
  return listNames(folder)
    .slice(0, SESSIONS_MAX)
    .map((name) => /^REMOTE_HOST=(.+)$/m.exec(readTextIfAllowed(path.join(folder, name)) ?? "")?.[1] ?? "")
    .map((host) => parseAddress(host))
    .filter((address) => address !== null);
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isAbsentOrForbidden(error)) return [];
    throw error;
  }
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isAbsentOrForbidden(error)) return new Uint8Array(0);
    throw error;
  }
}
