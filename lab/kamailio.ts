// Kamailio in the victim namespace: a registrar over TCP with its default limits, and the messages of its SIP clients.

import type { Namespace } from "./namespace.ts";
import { SIP_PASSWORD, SIP_REALM } from "./protocols/sip.ts";
import { type RunningServer, startServer } from "./server-program.ts";

export interface KamailioOptions {
  /** The victim's addresses to listen on. */
  readonly addresses: readonly string[];
  readonly port?: number;
  /** The soft RLIMIT_NOFILE. The hard one stays above it, as systemd has it. */
  readonly descriptors?: number;
  /** tcp_max_connections; by default 2048, as Kamailio ships. */
  readonly connections?: number;
  /** Whether phones must answer a digest challenge to register. */
  readonly digest?: boolean;
  /** TCP keep-alive, in seconds as Kamailio takes it; if not given, the kernel's two hours. */
  readonly keepAlive?: { readonly idle: number; readonly interval: number; readonly count: number };
}

const HARD_DESCRIPTORS = 20_000;
const SHIPPED_CONNECTIONS = 2048;

export function startKamailio(namespace: Namespace, options: KamailioOptions): Promise<RunningServer> {
  const { port = 5060, descriptors } = options;
  return startServer(namespace, {
    name: "kamailio",
    configuration: configurationOf(options),
    // Kamailio runs in the foreground, with its usual shared memory (64 MB, taken as it is used) and little else.
    args: ({ configuration, folder }) => ["-f", configuration, "-DD", "-Y", folder, "-m", "64", "-M", "4"],
    ports: [port],
    descriptors: descriptors === undefined ? null : { soft: descriptors, hard: HARD_DESCRIPTORS },
  });
}

/**
 * A configuration that registers whoever asks, and answers OPTIONS. It has no log: without descriptors Kamailio writes
 * 260 000 lines a second.
 */
function configurationOf(options: KamailioOptions): string {
  const { addresses, port = 5060, connections = SHIPPED_CONNECTIONS, digest = false, keepAlive } = options;
  const listen = addresses.map((address) => {
    const host = address.includes(":") ? `[${address}]` : address;
    return `listen=tcp:${host}:${port}`;
  });
  return `#!KAMAILIO
debug=-5
log_stderror=no
children=1
tcp_children=2
auto_aliases=no
dns=no
rev_dns=no
tcp_max_connections=${connections}
tcp_connection_lifetime=3605
${keepAlive === undefined ? "" : keepAliveLines(keepAlive)}
${listen.join("\n")}
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("REGISTER")) { ${digest ? CHALLENGE : ""}save("location"); exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  sl_send_reply("405", "Method Not Allowed");
}
`;
}

const CHALLENGE = `
    if (!pv_www_authenticate("${SIP_REALM}", "${SIP_PASSWORD}", "0")) {
      www_challenge("${SIP_REALM}", "0");
      exit;
    }
    `;

function keepAliveLines({ idle, interval, count }: NonNullable<KamailioOptions["keepAlive"]>): string {
  return `tcp_keepalive=yes\ntcp_keepidle=${idle}\ntcp_keepintvl=${interval}\ntcp_keepcnt=${count}`;
}

/** A phone's registration; each message of a population has a number of its own. */
export const REGISTER: string = sipRequest(
  "REGISTER",
  "sip:lab.invalid",
  "Contact: <sip:{n}@phone.invalid;transport=tcp>\r\nExpires: 3600\r\n",
);

/** The request of scanners, and of hoarders that want to pass for clients. */
export const OPTIONS: string = sipRequest("OPTIONS", "sip:lab.invalid", "");

function sipRequest(method: string, uri: string, headers: string): string {
  return (
    `${method} ${uri} SIP/2.0\r\n` +
    "Via: SIP/2.0/TCP phone.invalid:5060;branch=z9hG4bK{n}\r\n" +
    "Max-Forwards: 70\r\n" +
    "From: <sip:{n}@lab.invalid>;tag={n}\r\n" +
    "To: <sip:{n}@lab.invalid>\r\n" +
    "Call-ID: {n}@phone.invalid\r\n" +
    `CSeq: 1 ${method}\r\n` +
    `${headers}Content-Length: 0\r\n\r\n`
  );
}
