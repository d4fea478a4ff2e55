// The questions that RFC 3263 asks the DNS, as a capability: only those that a look-up needs.

import { type IpFamily, Refusal } from "../../model/index.ts";
import { stripControls } from "../message/text.ts";

export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly replacement: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/** Each question gives an empty list where there are no records, and throws `LookupError` where it cannot tell. */
export interface Resolver {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** Addresses as the system finds them, the hosts file included, in the order it prefers. */
  addresses(name: string): Promise<readonly { readonly address: string; readonly family: IpFamily }[]>;
}

/** `dns-error`: the DNS gave no answer, or said that it cannot. `dns-empty`: it said that there is nothing. */
export class LookupError extends Refusal {
  readonly code: "dns-error" | "dns-empty";
  readonly operation: string;

  constructor(code: "dns-error" | "dns-empty", operation: string, detail: string, cause?: unknown) {
    // Names in it may come from the DNS, so from anybody.
    super(stripControls(`look up ${operation}: ${detail}`), cause);
    this.code = code;
    this.operation = operation;
  }
}
